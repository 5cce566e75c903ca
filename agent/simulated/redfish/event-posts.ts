// The event service of a simulated BMC: posts each new entry of its log to those who subscribed, tries a few times, and
// drops a subscription that cannot be delivered to, as real services do.
import { setTimeout as pause } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import type { BoardLogEntry } from './board.ts';

export interface EventPosts {
  /** Null when the destination is no URL. */
  add(destination: unknown, context: unknown): string | null;
  find(id: string): { readonly destination: string; readonly context: string } | null;
  readonly ids: readonly string[];
  remove(id: string): boolean;
  post(entry: BoardLogEntry, origin: string): void;
  close(): void;
}

const TRIES = 3;
const PAUSE_MS = 500;
const DEADLINE_MS = 5_000;

export function eventPosts(dispatcher: Dispatcher): EventPosts {
  const subscriptions = new Map<string, { readonly destination: string; readonly context: string }>();
  const stop = new AbortController();
  let made = 0;
  const deliver = async (id: string, body: (context: string) => string): Promise<void> => {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const subscription = subscriptions.get(id);
      if (!subscription || stop.signal.aborted) return;
      const status = await postTo(subscription.destination, body(subscription.context)).catch(() => 0);
      if (status >= 200 && status < 300) return;
      await pause(PAUSE_MS, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
    subscriptions.delete(id);
  };
  const postTo = async (destination: string, body: string): Promise<number> => {
    const answer = await request(destination, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  return {
    add: (destination, context) => {
      if (typeof destination !== 'string' || !URL.canParse(destination)) return null;
      const id = String(++made);
      subscriptions.set(id, { destination, context: String(context ?? '') });
      return id;
    },
    find: id => subscriptions.get(id) ?? null,
    get ids() {
      return [...subscriptions.keys()];
    },
    remove: id => subscriptions.delete(id),
    post: (entry, origin) => {
      const event = {
        EventId: entry.id,
        EventType: 'Alert',
        EventTimestamp: entry.at,
        Severity: entry.severity,
        Message: entry.message,
        MessageId: 'Base.1.18.GeneralError',
        OriginOfCondition: { '@odata.id': origin },
      };
      const body = (context: string): string =>
        JSON.stringify({
          '@odata.type': '#Event.v1_9_0.Event',
          Id: entry.id,
          Name: 'Event',
          Context: context,
          Events: [event],
        });
      for (const id of subscriptions.keys()) void deliver(id, body);
    },
    close: () => stop.abort(),
  };
}
