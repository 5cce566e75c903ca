// The root stream of a subscription as its client should see it. The alarm feed goes on by itself after the fleet service
// was lost: from the last cursor, so that nothing is missed or told twice. A feed that was lost before its first snapshot
// was whole, and every other stream, ends with an error: its client begins anew.
import { promptReturn } from '../../runtime/prompt-return.ts';
import { codedError } from '../../schema/errors.ts';
import { readShape, responseName, rootFields } from '../routing/operation-shape.ts';
import type { SubgraphAnswer, SubgraphRequest } from '../routing/transport.ts';
import { type FeedFacts, type FeedOperation, feedOperation } from './feed-operation.ts';
import { type Upstream, UpstreamLost } from './upstream.ts';

/** One event of a root stream. */
export interface RootEvent {
  readonly result: SubgraphAnswer;
  /** To resume after it. Null where a feed cannot be resumed without telling something twice: within a snapshot. */
  readonly cursor: string | null;
  /** What an event of the alarm feed is about. */
  readonly facts: FeedFacts | null;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** `resumeAfter` wins over the cursor in the operation: a client that reconnects by itself knows it better. */
export function rootStream(
  upstream: Upstream,
  request: SubgraphRequest,
  resumeAfter: string | null,
): AsyncGenerator<RootEvent> {
  const left = new AbortController();
  const current: { stream?: AsyncGenerator<SubgraphAnswer> } = {};
  const subscribe = (next: SubgraphRequest): AsyncGenerator<SubgraphAnswer> => {
    current.stream = upstream.subscribe(next);
    return current.stream;
  };
  const feed = feedOperation(request.query, request.variables ?? {});
  const events = feed
    ? resumed(feed, resumeAfter ?? feed.after, subscribe, left.signal)
    : untilLost(request, subscribe(request));
  return promptReturn(events, () => {
    left.abort();
    return current.stream?.return(undefined);
  });
}

async function* untilLost(request: SubgraphRequest, stream: AsyncGenerator<SubgraphAnswer>): AsyncGenerator<RootEvent> {
  try {
    for await (const result of stream) yield { result, cursor: null, facts: null };
  } catch (error) {
    if (!(error instanceof UpstreamLost)) throw error;
    yield lost(request);
  }
}

async function* resumed(
  feed: FeedOperation,
  start: string | null,
  subscribe: (request: SubgraphRequest) => AsyncGenerator<SubgraphAnswer>,
  left: AbortSignal,
): AsyncGenerator<RootEvent> {
  let after = start;
  let isWhole = start !== null; // a cursor within a snapshot would leave out the rest of it
  let pause = FIRST_PAUSE_MS;
  while (!left.aborted) {
    try {
      for await (const result of subscribe(feed.requestAfter(after))) {
        const facts = feed.read(result);
        if (facts) {
          pause = FIRST_PAUSE_MS;
          isWhole = facts.kind === 'ALIGNED' || (isWhole && !beginsSnapshot(facts, after));
          if (isWhole) after = facts.cursor;
        }
        yield { result, cursor: facts && isWhole ? facts.cursor : null, facts };
      }
      return; // complete: refused, or the client left
    } catch (error) {
      if (!(error instanceof UpstreamLost)) throw error;
      if (after === null) {
        yield lost(feed.requestAfter(after));
        return;
      }
      // from before a snapshot that was under way: the log has not got that back, so LIST_REBUILT and all of it come again
    }
    await rest(pause * (0.75 + Math.random() / 2), left);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** LIST_REBUILT of a region is an event of the log, with a place of its own; that of the whole feed stands where it was asked for. */
const beginsSnapshot = ({ kind, cursor }: FeedFacts, after: string | null): boolean =>
  kind === 'SNAPSHOT' || kind === 'LAGGED' || (kind === 'LIST_REBUILT' && cursor === after);

function lost({ query, variables = {} }: SubgraphRequest): RootEvent {
  const { message, extensions } = codedError(
    'FLEET_UNREACHABLE',
    'The fleet service cannot be reached: subscribe again, with the last cursor as `after` if you have one.',
  );
  const path = rootFields(readShape(query), variables).map(responseName);
  return { result: { errors: [{ message, extensions, path }] }, cursor: null, facts: null };
}

function rest(ms: number, left: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    left.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
