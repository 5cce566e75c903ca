// The wire form of outboxes: one long answer per follower, with changes of several subgraphs and a heartbeat.
// `GET …/changes?inventory=12&faults=40` starts after those positions.
import { type Exchange, sendError } from '../../runtime/http-door.ts';
import { BEAT_MS, type LineWriter, openLines } from '../../runtime/line-stream.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph, isEdgeSubgraph } from '../../schema/sources.ts';
import type { Listener } from './listener.ts';
import type { Change, Outbox, OutboxHead } from './outbox.ts';
import { outboxChannel } from './subgraph.ts';

export type ChangeLine =
  | {
      readonly hello: {
        readonly region: string;
        readonly heads: Partial<Record<EdgeSubgraph, OutboxHead>>;
        readonly schemas: Readonly<Record<string, string>>;
      };
    }
  | { readonly changes: readonly Change[]; readonly source: EdgeSubgraph }
  | { readonly beat: string; readonly heads?: Partial<Record<EdgeSubgraph, OutboxHead>> };

export interface ChangeStreamDeps {
  readonly region: string;
  readonly outboxes: Readonly<Record<EdgeSubgraph, Outbox>>;
  /** Schema hash by subgraph. */
  readonly schemas: Readonly<Record<string, string>>;
  readonly listener: Listener;
  now(): Date;
}

const BATCH = 500; // changes a line: bounds what a line costs in memory on both sides
const CATCH_UP_MS = 5_000; // NOTIFY is a hint; the table is looked at this often without one

export async function answerChanges(deps: ChangeStreamDeps, exchange: Exchange): Promise<void> {
  const wanted = positionsOf(exchange.url.searchParams);
  if (typeof wanted === 'string') return sendError(exchange.res, 400, 'BAD_USER_INPUT', wanted);
  // a connection that was open before can still bring a request: a stream begun now would hold up the door's closing
  if (exchange.closing.aborted)
    return sendError(exchange.res, 503, 'REGION_UNREACHABLE', `Region ${deps.region} is going down.`);
  const lines = openLines(exchange);
  const heads: Partial<Record<EdgeSubgraph, OutboxHead>> = {};
  const look = async (): Promise<void> => {
    for (const source of wanted.keys()) heads[source] = await deps.outboxes[source].head();
  };
  await look();
  await lines.write({ hello: { region: deps.region, heads, schemas: deps.schemas } } satisfies ChangeLine);
  const beats = setInterval(() => {
    void lines.write({ beat: deps.now().toISOString(), heads } satisfies ChangeLine);
    look().catch(() => undefined); // for the next beat, which does not wait for a database that hangs
  }, BEAT_MS);
  try {
    await Promise.all([...wanted].map(([source, after]) => pump(deps, lines, source, after)));
  } finally {
    clearInterval(beats); // not on the abort alone: the follower may be gone before the first beat
  }
}

function positionsOf(query: URLSearchParams): Map<EdgeSubgraph, string> | string {
  const positions = new Map<EdgeSubgraph, string>();
  for (const [source, after] of query) {
    if (!isEdgeSubgraph(source)) return `${source} is no subgraph of a region; there are ${EDGE_SUBGRAPHS.join(', ')}.`;
    if (!/^\d{1,18}$/.test(after)) return `${source} must be a position: a whole number; it is ${after}.`;
    positions.set(source, after);
  }
  return positions.size > 0 ? positions : `Name at least one subgraph and a position: ?${EDGE_SUBGRAPHS[0]}=0`;
}

/** Sends everything after a position, then waits for a hint, for as long as the follower is there. */
async function pump(deps: ChangeStreamDeps, lines: LineWriter, source: EdgeSubgraph, after: string): Promise<void> {
  let position = after;
  let wake: () => void = () => {};
  let hinted = false;
  const hint = (): void => {
    hinted = true;
    wake();
  };
  const stop = deps.listener.on(outboxChannel(source), hint);
  const poll = setInterval(hint, CATCH_UP_MS);
  lines.closed.addEventListener('abort', hint);
  try {
    while (!lines.closed.aborted) {
      hinted = false;
      const changes = await deps.outboxes[source].read(position, BATCH);
      if (changes.length > 0) await lines.write({ changes, source } satisfies ChangeLine);
      position = changes.at(-1)?.sequence ?? position;
      if (changes.length < BATCH && !hinted)
        await new Promise<void>(resolve => {
          wake = resolve;
        });
    }
  } finally {
    clearInterval(poll);
    stop();
  }
}
