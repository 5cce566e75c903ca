// Brings subscriptions to clients. One of the alarm feed runs on a stream of its own until it comes near a live stream of
// the same operation, then shares that; one whose client falls behind goes on from its own place and comes back later.
// docs/decisions/0030-feed-fan-out.md says why nothing is lost or told twice.
import type { ExecutionEngine, SubscriptionEvent, SubscriptionRequest } from '../execution/engine.ts';
import { feedShare } from './feed-share.ts';
import { type KeptBounds, type LiveStream, liveStream } from './live-stream.ts';
import { type ToldEvent, toldEvent } from './told-event.ts';

/** Where the events of a subscription go: one operation of a socket, or one HTTP answer. */
export interface Sink {
  /** Hands an event over. Resolves when the network has taken it, or the client is gone. */
  send(event: ToldEvent): Promise<void>;
  /** As `send`, when nobody asks whether it was taken. */
  push(event: ToldEvent): void;
  /** Bytes handed over that the network has not taken. */
  backlog(): number;
}

export interface Delivery {
  /** Resolves when the subscription is complete or was left; rejects when it failed. */
  readonly done: Promise<void>;
  leave(): void;
}

export interface DeliveryCounts {
  readonly subscribers: number;
  /** Of them, those that run on a stream of their own. */
  readonly alone: number;
  /** Those that are not at the end of the stream that they share: their clients have yet to take what came before. */
  readonly behind: number;
  /** Streams that are shared. */
  readonly streams: number;
}

export interface Deliveries {
  begin(request: SubscriptionRequest, sink: Sink): Delivery;
  counts(): DeliveryCounts;
}

export interface DeliveryDeps {
  readonly engine: Pick<ExecutionEngine, 'subscribe'>;
  /** Which graph new subscriptions see: those of different graphs share nothing. */
  generation?(): number;
  /** Called with each event that is handed over to a client. */
  delivered(event: ToldEvent): void;
  /** How much one shared stream keeps for those who come near. */
  readonly kept?: KeptBounds;
}

const KEPT: KeptBounds = { events: 2_048, bytes: 8 * 1024 * 1024 };
const KEPT_BY_ALL_BYTES = 128 * 1024 * 1024; // shared out: a stream for each of thousands of documents keeps little
const KEPT_AT_LEAST_BYTES = 16 * 1024;

/** A client that has left so many bytes untaken is slow: events no longer go to it as they come. */
export const MOST_BACKLOG = 64 * 1024;

export function openDeliveries(deps: DeliveryDeps): Deliveries {
  const shared: Shared = { streams: new Map(), alone: 0, behind: 0 };
  let subscribers = 0;
  return {
    begin: (request, sink) => {
      subscribers++;
      const { run, leave } = subscriber(deps, shared, request, sink);
      return {
        done: run().finally(() => {
          subscribers--;
        }),
        leave,
      };
    },
    counts: () => ({ subscribers, alone: shared.alone, behind: shared.behind, streams: shared.streams.size }),
  };
}

/** What the subscribers of one gateway have in common. */
interface Shared {
  readonly streams: Map<string, LiveStream>;
  alone: number;
  behind: number;
}

interface Place {
  readonly cursor: string;
  readonly position: bigint;
}

function subscriber(
  { engine, generation = () => 0, delivered, kept = KEPT }: DeliveryDeps,
  shared: Shared,
  request: SubscriptionRequest,
  sink: Sink,
): { run(): Promise<void>; leave(): void } {
  /** The client was told everything up to here. */
  let last: Place | null = null;
  let isInSnapshot = false;
  let isLeft = false;
  let stop: () => void = () => {};

  const isNew = ({ position, facts }: ToldEvent): boolean =>
    position === null ||
    last === null ||
    isInSnapshot || // its ALIGNED may stand where the client had been already
    position > last.position ||
    (position === last.position && facts?.kind === 'HEARTBEAT');
  const reach = ({ cursor, position }: ToldEvent): void => {
    isInSnapshot = cursor === null;
    if (cursor !== null && position !== null) last = { cursor, position };
  };
  const note = (event: ToldEvent): void => {
    reach(event);
    delivered(event);
  };

  /**
   * Till the stream is complete, or till `meets` says so: then it is answered, still running. The fleet service says
   * HEARTBEAT once a resumed stream has caught up: that is for the meeting, and not for the client.
   */
  const alone = async (
    isResumed: boolean,
    meets: (at: Place) => boolean,
  ): Promise<AsyncGenerator<SubscriptionEvent> | null> => {
    let isCatchingUp = isResumed;
    const events = engine.subscribe(last === null ? request : { ...request, resumeAfter: last.cursor });
    let isHandedOn = false;
    stop = () => void events.return(undefined).catch(() => undefined);
    shared.alone++;
    try {
      for (;;) {
        const { done, value } = await events.next();
        if (done) return null;
        const event = toldEvent(value);
        if (isCatchingUp && event.facts?.kind === 'HEARTBEAT') {
          isCatchingUp = false;
          reach(event);
        } else {
          note(event);
          await sink.send(event);
        }
        if (event.cursor === null) isCatchingUp = false; // no suffix, but a snapshot
        if (event.position === null || isLeft || !meets(last!)) continue;
        isHandedOn = true;
        return events;
      }
    } finally {
      shared.alone--;
      if (!isHandedOn) stop();
      stop = () => {};
    }
  };

  /** Till the stream is complete or left: true; or till the client is behind what the stream keeps: false. */
  const share = async (stream: LiveStream, from: number): Promise<boolean> => {
    let next = from;
    let wake: () => void = () => {};
    let ended: { readonly failure?: unknown } | undefined;
    let taken: Promise<void> | undefined;
    const membership = stream.join({
      told: (event, place) => {
        if (place < next) return; // it was among those that were caught up on
        next = place + 1;
        if (!isNew(event)) return;
        note(event);
        if (sink.backlog() <= MOST_BACKLOG) return sink.push(event);
        membership.setLive(false);
        taken = sink.send(event);
        wake();
      },
      ended: failure => {
        ended = { failure };
        wake();
      },
    });
    stop = () => wake();
    shared.behind++;
    try {
      for (;;) {
        for (let event = stream.at(next); event !== null && !isLeft; event = stream.at(next)) {
          if (event === 'gone') return false;
          next++;
          if (!isNew(event)) continue;
          note(event);
          await sink.send(event);
        }
        if (isLeft) return true;
        if (ended?.failure !== undefined) throw ended.failure;
        if (ended) return true;
        membership.setLive(true);
        shared.behind--;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
        membership.setLive(false);
        shared.behind++;
        await taken;
        taken = undefined;
      }
    } finally {
      stop = () => {};
      shared.behind--;
      membership.leave();
    }
  };

  /** Opens the live stream of a feed from a stream of one subscriber's own. */
  const open = (key: string, source: AsyncGenerator<SubscriptionEvent>, from: Place): LiveStream => {
    const closed = (): void => void (shared.streams.get(key) === stream && shared.streams.delete(key));
    const bounds = (): KeptBounds => {
      const ofEach = Math.max(KEPT_BY_ALL_BYTES / shared.streams.size, KEPT_AT_LEAST_BYTES);
      return { events: kept.events, bytes: Math.min(kept.bytes, ofEach) };
    };
    const stream: LiveStream = liveStream(source, from, closed, bounds);
    shared.streams.set(key, stream);
    return stream;
  };

  const follow = async (key: string, after: string | null): Promise<void> => {
    let stream = shared.streams.get(key);
    // a client's cursor is only compared with whole cursors: nobody here can tell a forged one
    let place = after === null ? null : (stream?.placeAfterCursor(after) ?? null);
    while (!isLeft) {
      if (stream && place !== null) {
        if (await share(stream, place)) return;
      } else {
        const source = await alone(last !== null || after !== null, ({ position }) => {
          const running = shared.streams.get(key);
          return !running || running.placeAfter(position) !== null;
        });
        if (source === null) return;
        if (isLeft || shared.streams.has(key)) void source.return(undefined).catch(() => undefined);
        else open(key, source, last!);
      }
      stream = shared.streams.get(key);
      place = last === null ? null : (stream?.placeAfter((last as Place).position) ?? null);
    }
  };

  return {
    run: async () => {
      const feed = feedShare(request);
      await (feed === null ? alone(false, () => false) : follow(`${generation()} ${feed.key}`, feed.after));
    },
    leave: () => {
      isLeft = true;
      stop();
    },
  };
}
