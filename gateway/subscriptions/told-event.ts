// One event on its way to clients: its JSON is made once, and its bytes once per transport, however many take it.
import { feedPosition } from '../../schema/feed-cursor.ts';
import type { SubscriptionEvent } from '../execution/engine.ts';
import type { FeedFacts } from './feed-operation.ts';

export interface ToldEvent {
  /** To resume after it; null where that is not possible. */
  readonly cursor: string | null;
  /** Its place in the fleet-wide feed; null when it has none. Heartbeats repeat the place of what was told before. */
  readonly position: bigint | null;
  readonly facts: FeedFacts | null;
  /** The result as JSON. */
  text(): string;
  /** What `make` makes of the event; made once for each `make`. */
  bytes(make: (event: ToldEvent) => Buffer): Buffer;
}

export function toldEvent(event: SubscriptionEvent): ToldEvent {
  const { cursor, facts } = event;
  let result: SubscriptionEvent | null = event;
  let text = '';
  let made: { readonly make: unknown; readonly bytes: Buffer }[] = [];
  const told: ToldEvent = {
    cursor,
    position: cursor === null ? null : feedPosition(cursor),
    facts,
    text: () => {
      if (result) text = result.text?.() ?? JSON.stringify(result.result);
      result = null; // the tree is many times as large as its text
      return text;
    },
    bytes: make => {
      let known = made.find(one => one.make === make);
      if (!known) {
        known = { make, bytes: make(told) };
        made = [...made, known]; // three at the most: one a transport
      }
      return known.bytes;
    },
  };
  return told;
}

/** What sockets send. */
export const payloadOf = ({ text }: ToldEvent): Buffer => Buffer.from(text());

/** What it takes in memory while it is kept, in bytes, roughly: its text, and the same as bytes. */
export const sizeOf = (event: ToldEvent): number => 2 * event.text().length;
