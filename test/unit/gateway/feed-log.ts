// A feed log in memory with streams over it that speak as the fleet service does: snapshot and ALIGNED, changes, LAGGED and
// LIST_REBUILT when the log was cut, a heartbeat once a resumed stream has caught up.
import type { ExecutionEngine, SubscriptionEvent, SubscriptionRequest } from '../../../gateway/execution/engine.ts';
import { feedPosition, writeFeedCursor } from '../../../schema/feed-cursor.ts';

export const cursorAt = (position: number): string =>
  writeFeedCursor({ version: '1', position: String(position), signature: 's' });

export const positionOf = (cursor: string): number => Number(feedPosition(cursor));

export interface FeedLog {
  readonly engine: Pick<ExecutionEngine, 'subscribe'>;
  /** Appends an event that the feed's filter lets through, or one that it does not. */
  append(isTold?: boolean): void;
  /** Forgets all events up to the head. */
  cut(): void;
  /** Ends every open stream, as a fleet service that completes them. */
  end(): void;
  head(): number;
  /** Positions in (after, upTo] that the filter lets through. */
  toldBetween(after: number, upTo: number): number[];
  /** Streams that are open now, and all that were ever opened. */
  open(): number;
  opened(): number;
}

/** Every stream's snapshot has two alarms, so that there is a middle of it. */
export function feedLog(pad = ''): FeedLog {
  const told: boolean[] = [];
  const waiting = new Set<() => void>();
  let oldest = 0;
  let open = 0;
  let opened = 0;
  let ends = 0;
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const event = (kind: string, position: number, isWhole = true, missed: number | null = null): SubscriptionEvent => {
    const cursor = cursorAt(position);
    return {
      result: { data: { alarmFeed: { kind, cursor, pad } } },
      cursor: isWhole ? cursor : null,
      facts: { kind, cursor, region: kind === 'RAISED' ? `r${position % 3}` : null, missed },
    };
  };

  function subscribe({ resumeAfter }: SubscriptionRequest): AsyncGenerator<SubscriptionEvent> {
    let left = false;
    let leave = wake;
    const until = ends;
    async function* events(): AsyncGenerator<SubscriptionEvent> {
      open++;
      opened++;
      try {
        let at = resumeAfter === undefined ? null : positionOf(resumeAfter);
        let isResumed = at !== null;
        if (at !== null && at < oldest) {
          yield event('LIST_REBUILT', at, false);
          at = null;
        }
        while (!left && until === ends) {
          if (at === null) {
            const snapshot = told.length;
            yield event('SNAPSHOT', snapshot, false);
            yield event('SNAPSHOT', snapshot, false);
            yield event('ALIGNED', snapshot);
            at = snapshot;
            isResumed = false;
          }
          if (at < oldest) {
            yield event('LAGGED', at, false, oldest - at);
            yield event('LIST_REBUILT', at, false);
            at = null;
            continue;
          }
          if (at < told.length) {
            if (told[at++]) yield event('RAISED', at);
            continue;
          }
          if (isResumed) {
            isResumed = false;
            yield event('HEARTBEAT', at);
            continue;
          }
          await new Promise<void>(resolve => {
            waiting.add(resolve);
            leave = resolve;
          });
        }
      } finally {
        open--;
      }
    }
    const stream = events();
    const end = stream.return.bind(stream);
    stream.return = value => {
      left = true;
      leave();
      return end(value);
    };
    return stream;
  }

  return {
    engine: { subscribe },
    append: (isTold = true) => {
      told.push(isTold);
      wake();
    },
    cut: () => {
      oldest = told.length;
    },
    end: () => {
      ends++;
      wake();
    },
    head: () => told.length,
    toldBetween: (after, upTo) =>
      Array.from({ length: Math.max(0, upTo - after) }, (_, i) => after + i + 1).filter(position => told[position - 1]),
    open: () => open,
    opened: () => opened,
  };
}
