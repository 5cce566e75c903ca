// Cursors that a feed must not take at their word: forged, of another installation, and from before what is kept.
import { createClient } from 'graphql-ws';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { feedCursors } from '../../subgraphs/central/fleet/feed/feed-cursor.ts';
import { subscribe } from '../support/client.ts';
import { leftovers } from '../support/leftovers.ts';
import { beginStorm, headsOf } from './storm.ts';
import { aStormStack, type StormStack } from './storm-stack.ts';

const KEPT = 50; // events
const left = leftovers();
let storms: StormStack;

beforeAll(async () => {
  storms = await aStormStack(left, { env: { MURMUR_FLEET_FEED_KEEP_EVENTS: String(KEPT) } });
});

const FEED = 'subscription ($after: Cursor) { alarmFeed(after: $after, heartbeatSeconds: 1) { kind cursor } }';

interface Event {
  readonly alarmFeed: { readonly kind: string; readonly cursor: string };
}

const follow = (after: string | null) => subscribe<Event>(storms.stack.place.url, FEED, { after });

/** What a subscriber over WebSocket is told instead of events. */
async function refusalOf(after: string): Promise<string> {
  const url = storms.stack.place.url.replace('http', 'ws');
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    for await (const result of client.iterate({ query: FEED, variables: { after } })) return JSON.stringify(result);
    return 'ended without a word';
  } catch (error) {
    return JSON.stringify(error);
  } finally {
    await client.dispose();
  }
}

test('a forged or foreign cursor is refused, over WebSocket and over HTTP', async () => {
  const feed = follow(null);
  const { alarmFeed } = await feed.next('ALIGNED', event => event.alarmFeed.kind === 'ALIGNED');
  await feed.close();
  const foreign = feedCursors('the secret of another installation').make(1n);
  const flipped = Buffer.from(alarmFeed.cursor, 'base64url').toString().replace(/^1\./, '1.1');
  for (const after of [foreign, Buffer.from(flipped).toString('base64url'), 'x', `${alarmFeed.cursor}x`.slice(3)]) {
    expect(await refusalOf(after), after).toContain('CURSOR_INVALID');
    const answer = await fetch(`${storms.stack.place.url}/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'last-event-id': after },
      body: JSON.stringify({ query: FEED }),
    });
    expect(await answer.text(), after).toContain('CURSOR_INVALID');
  }
});

test('a cursor from before what is kept gets LIST_REBUILT and a snapshot, never silence', {
  timeout: 300_000,
}, async () => {
  const feed = follow(null);
  const { alarmFeed } = await feed.next('ALIGNED', event => event.alarmFeed.kind === 'ALIGNED');
  await feed.close();
  const before = await headsOf(storms.regions);
  const storm = beginStorm(storms.regions, 200);
  const rebuilt = async (): Promise<readonly string[]> => {
    const again = follow(alarmFeed.cursor);
    await again.next('something', () => true);
    await again.next('ALIGNED or a heartbeat', e => ['ALIGNED', 'HEARTBEAT', 'RAISED'].includes(e.alarmFeed.kind));
    await again.close();
    return again.events.map(event => event.alarmFeed.kind);
  };
  let kinds = await rebuilt();
  while (kinds[0] !== 'LIST_REBUILT') {
    expect(kinds[0]).not.toBe('SNAPSHOT'); // as long as the log has it, it is told
    kinds = await rebuilt(); // the log is pruned every minute
  }
  expect(kinds).toContain('ALIGNED');
  await storm.end();
  const after = await headsOf(storms.regions);
  for (const [region, head] of after) expect(head).toBeGreaterThan(before.get(region)!);
});
