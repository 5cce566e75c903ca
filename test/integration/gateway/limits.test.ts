// A gateway that is asked for more than it takes on says so, and when to come again, on each transport.

import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';
import { aSocket } from './socket-client.ts';

const FEED = 'subscription { alarmFeed { kind } }';
const left = leftovers();
let stack: GatewayStack;

beforeAll(async () => {
  const limits = { sockets: 2, subscriptions: 3, subscriptionsPerSocket: 2, connectionInitMs: 2_000 };
  stack = await aGateway(['r1'], left, { limits });
});

const noneLeft = () =>
  eventually('no socket and no feed is left', async () => {
    const text = await (await fetch(new URL('/metrics', stack.url))).text();
    return /^murmuration_sockets\{.*\} 0$/m.test(text) && stack.fleet.openFeeds() === 0;
  });

const stream = (path: string, headers: Record<string, string> = {}) =>
  fetch(stack.url.replace('/graphql', path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: FEED }),
  });

describe('over its limits a gateway', () => {
  it('refuses subscriptions on an open socket with a code and a time, and keeps the others', async () => {
    const socket = aSocket(stack.url);
    const feeds = [socket.run(FEED), socket.run(FEED)];
    await eventually('two feeds', () => stack.fleet.openFeeds() === 2);
    const [error] = (await socket.run(FEED).ended) as { extensions: Record<string, unknown> }[];
    expect(error!.extensions).toMatchObject({ code: 'SUBSCRIPTION_LIMIT', retryAfterMs: expect.any(Number) });
    stack.fleet.emit({ kind: 'RAISED', cursor: '1', region: 'r1' });
    for (const feed of feeds) await feed.until(1);
    feeds[0]!.stop();
    await eventually('one feed', () => stack.fleet.openFeeds() === 1);
    const again = socket.run(FEED); // its place is free
    await eventually('two feeds again', () => stack.fleet.openFeeds() === 2);
    again.stop();
    await socket.close();
    await noneLeft();
  });

  it('refuses streams of events with 503, or 429 when it is this client, and Retry-After', async () => {
    const socket = aSocket(stack.url);
    socket.run(FEED);
    socket.run(FEED);
    await eventually('two feeds', () => stack.fleet.openFeeds() === 2);
    const third = await stream('/graphql/stream');
    expect(third.status).toBe(200);
    for (const [path, headers] of [
      ['/graphql/stream', {}],
      ['/graphql', { accept: 'multipart/mixed;subscriptionSpec=1.0' }],
    ] as const) {
      const refused = await stream(path, headers);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(5);
      expect((await refused.json()).errors[0].extensions).toMatchObject({ code: 'SUBSCRIPTION_LIMIT' });
    }
    await third.body!.cancel();
    await socket.close();
    await noneLeft();
    const after = await stream('/graphql/stream');
    expect(after.status).toBe(200);
    await after.body!.cancel();
    await noneLeft();
  });

  it('refuses sockets with 503 and Retry-After, and takes on others when those have gone', async () => {
    const url = stack.url.replace('http', 'ws');
    const sockets = [1, 2].map(() => new WebSocket(url, 'graphql-transport-ws'));
    await Promise.all(sockets.map(socket => new Promise(resolve => socket.once('open', resolve))));
    const refused = new WebSocket(url, 'graphql-transport-ws');
    refused.on('error', () => undefined);
    const answer = await new Promise<import('node:http').IncomingMessage>(resolve =>
      refused.once('unexpected-response', (_, response) => resolve(response)),
    );
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(5);
    answer.destroy();
    // they never said connection_init
    const codes = await Promise.all(sockets.map(socket => new Promise(resolve => socket.once('close', resolve))));
    expect(codes).toEqual([4408, 4408]);
    await noneLeft();
    const again = aSocket(stack.url);
    const query = again.run('{ host(id: "r1/worker-0") { hostname } }');
    expect(await query.ended).toBe('complete');
    await again.close();
  });
});
