// The snapshot that a feed begins with, for subscribers of any speed: read from the database at once, as fast as that goes,
// and kept in a file until the subscriber has taken it. So neither memory nor a transaction grows with a slow subscriber.
import type { DataSource } from 'typeorm';
import type { AlarmFilter } from '../alarms/alarm-filter.ts';
import type { AlarmText } from '../alarms/alarm-store.ts';
import type { MirrorAlarm, SentAlarm } from '../mirror/mirror-rows.ts';
import { readSnapshot } from './feed-store.ts';
import { openLineFile } from './line-file.ts';

export interface FeedSnapshot {
  /** In the feed log; the alarms are exact for it. */
  readonly position: bigint;
  /** Oldest first; to be taken once, to its end or to its `return`. */
  readonly alarms: AsyncIterable<MirrorAlarm>;
}

export type TakeSnapshot = (filter: AlarmFilter) => Promise<FeedSnapshot>;

const AT_ONCE = 2; // of the pool's connections; the mirror and the lists need the others

export function snapshotTaker(dataSource: DataSource): TakeSnapshot {
  const turns: (() => void)[] = [];
  let free = AT_ONCE;
  const turn = (): Promise<void> => {
    if (free === 0) return new Promise(resolve => turns.push(resolve));
    free--;
    return Promise.resolve();
  };
  const done = (): void => {
    const next = turns.shift();
    if (next) next();
    else free++;
  };
  return async filter => {
    await turn();
    try {
      return await take(dataSource, filter);
    } finally {
      done();
    }
  };
}

async function take(dataSource: DataSource, filter: AlarmFilter): Promise<FeedSnapshot> {
  const file = await openLineFile('murmuration-snapshot-');
  try {
    const position = await readSnapshot(dataSource, filter, some => file.append(some.map(lineOf)));
    return { position, alarms: alarmsIn(file.lines()) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

// A region's id has no blank, and JSON of PostgreSQL no line break.
const lineOf = ({ region, alarm }: AlarmText): string => `${region} ${alarm}`;

async function* alarmsIn(lines: AsyncIterable<string>): AsyncGenerator<MirrorAlarm> {
  for await (const line of lines) {
    const blank = line.indexOf(' ');
    const alarm = JSON.parse(line.slice(blank + 1)) as SentAlarm;
    yield Object.assign(alarm, { region: line.slice(0, blank) });
  }
}
