// The wire form of outboxes: one long answer per follower, with changes of several subgraphs, snapshots and a heartbeat.
// `GET …/changes?inventory=12&faults=40` starts after those positions; `snapshot=faults` asks for the current rows too.
import { type Exchange, sendError } from '../../runtime/http-door.ts';
import { BEAT_MS, type LineWriter, openLines } from '../../runtime/line-stream.ts';
import type { EdgeSubgraph } from '../../schema/sources.ts';
import {
  type ChangeLine,
  parseQuery,
  SNAPSHOTS_HEADER,
  type SnapshotPart,
  type WantedSource,
  type WantedSources,
} from './change-lines.ts';
import type { Listener } from './listener.ts';
import type { Change, KeptHead, Outbox } from './outbox.ts';
import { outboxChannel, type SnapshotQuery } from './subgraph.ts';

/** What followers copy of a subgraph. */
export interface ChangeSource {
  readonly outbox: Outbox;
  readonly snapshot: SnapshotQuery;
}

export interface ChangeStreamDeps {
  readonly region: string;
  readonly sources: Readonly<Record<EdgeSubgraph, ChangeSource>>;
  /** Schema hash by subgraph. */
  readonly schemas: Readonly<Record<string, string>>;
  readonly listener: Listener;
  now(): Date;
}

type Heads = Partial<Record<EdgeSubgraph, KeptHead>>;

const BATCH = 500; // changes or rows a line: bounds what a line costs in memory on both sides
const CATCH_UP_MS = 5_000; // NOTIFY is a hint; the table is looked at this often without one
const PATIENCE_MS = 30_000; // what a follower may take for one line of a snapshot, which holds a view of the database open

export async function answerChanges(deps: ChangeStreamDeps, exchange: Exchange): Promise<void> {
  const wanted = parseQuery(exchange.url.searchParams);
  if (typeof wanted === 'string') return sendError(exchange.res, 400, 'BAD_USER_INPUT', wanted);
  const heads: Heads = {};
  const look = async (): Promise<void> => {
    for (const source of wanted.keys()) heads[source] = await deps.sources[source].outbox.kept();
  };
  await look();
  const refusal = exchange.req.headers[SNAPSHOTS_HEADER] === undefined && expiredIn(deps.region, wanted, heads);
  if (refusal) return sendError(exchange.res, 410, 'CURSOR_EXPIRED', refusal);
  // a connection that was open before can still bring a request: a stream begun now would hold up the door's closing
  if (exchange.closing.aborted)
    return sendError(exchange.res, 503, 'REGION_UNREACHABLE', `Region ${deps.region} is going down.`);
  const lines = openLines(exchange);
  await lines.write({ hello: { region: deps.region, heads, schemas: deps.schemas } } satisfies ChangeLine);
  const beats = setInterval(() => {
    void lines.write({ beat: deps.now().toISOString(), heads } satisfies ChangeLine);
    look().catch(() => undefined); // for the next beat, which does not wait for a database that hangs
  }, BEAT_MS);
  try {
    await Promise.all([...wanted].map(([source, of]) => pump(deps, lines, source, of)));
  } finally {
    clearInterval(beats); // not on the abort alone: the follower may be gone before the first beat
  }
}

/** For a follower that knows no snapshots: what it asks for that is no longer there. Silence would look like nothing new. */
function expiredIn(region: string, wanted: WantedSources, heads: Heads): string | null {
  for (const [source, { after, snapshot }] of wanted)
    if (!snapshot && BigInt(after ?? 0) < BigInt(heads[source]!.oldest))
      return `Region ${region} keeps the changes of ${source} after ${heads[source]!.oldest} only, not after ${after}; a follower of this release would take a snapshot: update the one that asks.`;
  return null;
}

/** Sends everything after a position, then waits for a hint, for as long as the follower is there. */
async function pump(deps: ChangeStreamDeps, lines: LineWriter, source: EdgeSubgraph, of: WantedSource): Promise<void> {
  const { outbox } = deps.sources[source];
  let position = of.after;
  let isSnapshotDue = of.snapshot;
  let wake: () => void = () => {};
  let hinted = false;
  let isFirst = true; // what it is to begin with comes from the table
  const hint = (last?: string): void => {
    if (last !== undefined && position !== null && BigInt(last) <= BigInt(position)) return;
    hinted = true;
    wake();
  };
  const stops = [deps.listener.on(outboxChannel(source), hint), outbox.fresh.on(hint)];
  const poll = setInterval(() => hint(), CATCH_UP_MS);
  lines.closed.addEventListener('abort', () => hint());
  const read = async (after: string, isFirst: boolean): Promise<readonly Change[]> =>
    (isFirst ? null : outbox.fresh.after(after, BATCH)) ?? outbox.read(after, BATCH);
  try {
    while (!lines.closed.aborted) {
      hinted = false;
      const changes = position === null ? [] : await read(position, isFirst);
      isFirst = false;
      position = changes.at(-1)?.sequence ?? position;
      if (changes.length > 0) await lines.write({ changes, source } satisfies ChangeLine);
      if (changes.length === BATCH) continue;
      if (isSnapshotDue) {
        isSnapshotDue = false;
        position = await sendSnapshot(deps, lines, source, position);
      } else if (!hinted)
        await new Promise<void>(resolve => {
          wake = resolve;
        });
    }
  } finally {
    clearInterval(poll);
    for (const stop of stops) stop();
  }
}

/** The changes that are left before the view, when they are still there, and its rows; answers the position after it. */
function sendSnapshot(
  { sources }: ChangeStreamDeps,
  lines: LineWriter,
  source: EdgeSubgraph,
  position: string | null,
): Promise<string> {
  const { outbox, snapshot } = sources[source];
  const { statement, key } = snapshot;
  return outbox.view(async ({ head, read, pages }) => {
    const at = { sequence: head.sequence, epoch: head.epoch };
    const send = (line: ChangeLine): Promise<void> => patiently(lines, line);
    const sendPart = (rows: SnapshotPart['rows'], isLast: boolean): Promise<void> =>
      send({ snapshot: { source, at, rows, isLast } });
    if (position !== null && BigInt(position) >= BigInt(head.oldest))
      for (let after = position; BigInt(after) < BigInt(head.sequence); ) {
        const changes = await read(after, BATCH);
        await send({ changes, source });
        after = changes.at(-1)!.sequence;
      }
    for await (const page of pages<Record<string, unknown>>(statement, BATCH)) {
      if (lines.closed.aborted) break;
      await sendPart(
        page.map(row => ({ entityId: String(row[key]), row })),
        false,
      );
    }
    await sendPart([], true);
    return head.sequence;
  });
}

async function patiently(lines: LineWriter, line: ChangeLine): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the follower takes a snapshot too slowly')), PATIENCE_MS);
  });
  try {
    await Promise.race([lines.write(line), tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
