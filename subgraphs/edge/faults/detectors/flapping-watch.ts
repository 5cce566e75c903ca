// Takes the flapping mark from alarms that have been quiet, looking every few seconds. While the region is down nothing is
// taken: what is quiet then is found by the first look.
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { stopFlapping } from '../alarms/alarm-lifecycle.ts';
import { alarmWriter } from '../alarms/alarm-writer.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import { type FlappingSettings, quietSince } from './flapping.ts';
import { findQuiet } from './flapping-store.ts';

export interface FlappingDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly history: Pick<AlarmHistory, 'append'>;
  readonly settings: FlappingSettings;
  now(): Date;
}

const EVERY_MS = 5_000; // little beside the quiet time, and cheap for a thousand regions on one machine
const MOST = 1_000; // alarms of one turn: bounds its transaction

/** Answers how to stop. */
export const watchFlapping = (deps: FlappingDeps & { readonly log: Logger }): (() => Promise<void>) =>
  repeating({
    everyMs: EVERY_MS,
    log: deps.log,
    failed: 'flapping watch failed',
    work: async () => {
      await unmarkQuiet(deps);
    },
  }).stop;

/** Answers how many alarms lost the mark; each is a CHANGED of its own. */
export async function unmarkQuiet({ sql, outbox, history, settings, now }: FlappingDeps): Promise<number> {
  const raisedBy = quietSince(now(), settings);
  if ((await findQuiet(sql, raisedBy, 1)).length === 0) return 0; // the usual case takes no lock
  return outbox.transaction(async tx => {
    const quiet = await findQuiet(tx.sql, raisedBy, MOST);
    const writer = alarmWriter(tx, history);
    for (const alarm of quiet) writer.add(stopFlapping(alarm, tx.at));
    await writer.save();
    return quiet.length;
  });
}
