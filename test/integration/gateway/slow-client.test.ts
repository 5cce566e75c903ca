// A client whose socket takes nothing: it costs the gateway a bounded part of memory, holds up nobody, and is told all of
// it when it reads again. Real sockets over a feed in memory, with events large enough to fill what the network holds.

import { buildSchema } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { type Deliveries, MOST_BACKLOG, openDeliveries } from '../../../gateway/subscriptions/deliveries.ts';
import { subscribeOver } from '../../../gateway/subscriptions/socket-operations.ts';
import { serveWebSocket } from '../../../runtime/graphql-ws.ts';
import { openDoor } from '../../../runtime/http-door.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { type FeedLog, feedLog, positionOf } from '../../unit/gateway/feed-log.ts';
import { aFeedClient, type FeedClient, isAligned, numbers } from './feed-house.ts';

const EVENT_BYTES = 50_000;
const schema = buildSchema(
  'type Query { a: Int } type Event { kind: String cursor: String } type Subscription { alarmFeed(after: String): Event }',
);
const QUERY = 'subscription ($after: String) { alarmFeed(after: $after) { kind cursor } }';

const left = leftovers();
let log: FeedLog;
let deliveries: Deliveries;
let url: string;
/** The most that any socket had waiting in the process. */
let mostWaiting = 0;

beforeAll(async () => {
  log = feedLog('x'.repeat(EVENT_BYTES));
  deliveries = openDeliveries({ engine: log.engine, delivered: () => undefined });
  const door = await openDoor({ host: '127.0.0.1', port: 0, routes: [], log: quiet });
  left.add(() => door.close());
  const sockets = serveWebSocket({
    server: door.server,
    path: '/graphql',
    log: quiet,
    schema,
    context: sink => ({
      sink: {
        ...sink,
        backlog: () => {
          mostWaiting = Math.max(mostWaiting, sink.backlog());
          return sink.backlog();
        },
      },
    }),
    subscribe: subscribeOver(deliveries),
  });
  left.add(() => sockets.close());
  url = `${door.origin}/graphql`;
});

function aClient(): FeedClient {
  const client = aFeedClient([url], QUERY);
  left.add(() => client.close());
  return client;
}

/** A subscriber is no longer told events as they come. */
const hasLeft = (): boolean => deliveries.counts().alone + deliveries.counts().behind > 0;

const placesOf = ({ events }: FeedClient): number[] =>
  events.filter(({ kind }) => kind === 'RAISED').map(({ cursor }) => positionOf(cursor));

test('is told everything once it reads again, and the others are told at once', async () => {
  const [slow, quick] = [aClient(), aClient()];
  await eventually('ALIGNED', () => [slow, quick].every(isAligned));
  slow.pause(true);
  let head = 0;
  const tell = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) log.append();
    head += 20;
    await eventually(`${head} at the quick one`, () => placesOf(quick).length === head);
  };
  while (!hasLeft() && head < 1_000) await tell(); // until the network holds no more for the slow one
  for (let i = 0; i < 10; i++) await tell(); // more than a shared stream keeps
  expect(hasLeft()).toBe(true);
  expect(mostWaiting).toBeLessThan(MOST_BACKLOG + 2 * EVENT_BYTES);
  expect(placesOf(slow).length).toBeLessThan(head);
  slow.pause(false);
  await eventually('all at the slow one', () => placesOf(slow).length === head);
  await eventually('both share again', () => !hasLeft());
  await tell();
  await eventually('the last at the slow one', () => placesOf(slow).length === head);
  for (const client of [slow, quick]) {
    expect(placesOf(client)).toEqual(numbers(1, head));
    expect(client.closings).toEqual([]);
  }
});

test('is told that it lagged when the log was cut meanwhile, and has the list again', async () => {
  const [slow, quick] = [aClient(), aClient()];
  await eventually('ALIGNED', () => [slow, quick].every(isAligned));
  const first = log.head() + 1;
  slow.pause(true);
  while (!hasLeft() && log.head() < first + 1_000) {
    for (let i = 0; i < 20; i++) log.append();
    await eventually('the quick one', () => placesOf(quick).at(-1) === log.head());
  }
  for (let i = 0; i < 200; i++) log.append();
  await eventually('the quick one', () => placesOf(quick).at(-1) === log.head());
  log.cut();
  slow.pause(false);
  await eventually('ALIGNED again', () => slow.events.filter(({ kind }) => kind === 'ALIGNED').length === 2);
  const kinds = slow.events.map(({ kind }) => kind);
  const rebuilt = kinds.indexOf('LIST_REBUILT');
  expect(kinds.slice(rebuilt)).toEqual(['LIST_REBUILT', 'SNAPSHOT', 'SNAPSHOT', 'ALIGNED']);
  const places = placesOf(slow);
  expect(places).toEqual(numbers(first, first + places.length - 1)); // up to there without a gap
});
