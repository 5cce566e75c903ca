// How the events of a subscription are written into one long HTTP answer. Pure.
import type { ToldEvent } from './told-event.ts';

export interface StreamFormat {
  readonly contentType: string;
  /** One function for all events, so that its bytes are made once an event (`ToldEvent.bytes`). */
  readonly next: (event: ToldEvent) => Buffer;
  /** Keeps middle boxes from closing a quiet answer. */
  readonly ping: string;
  readonly complete: string;
}

/**
 * Server-Sent Events, the distinct connections mode of graphql-sse. An event of the alarm feed carries its cursor as the
 * event's id, so that a browser which reconnects by itself, sending Last-Event-ID, goes on where it was.
 */
export const eventStream: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  next: ({ text, cursor }) =>
    Buffer.from(`${cursor === null ? '' : `id: ${cursor}\n`}event: next\ndata: ${text()}\n\n`),
  ping: ':\n\n',
  complete: 'event: complete\ndata:\n\n',
};

const part = (json: string): string => `\r\n--graphql\r\ncontent-type: application/json\r\n\r\n${json}`;

/** Apollo's multipart protocol for subscriptions, version 1.0. */
export const multipart: StreamFormat = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  next: ({ text }) => Buffer.from(part(`{"payload":${text()}}`)),
  ping: part('{}'),
  complete: '\r\n--graphql--\r\n',
};

/** What Apollo's clients send to ask for it. */
export const wantsMultipart = (accept: string | undefined): boolean =>
  accept !== undefined && /multipart\/mixed/.test(accept) && /subscriptionSpec/i.test(accept);
