// Queries over a WebSocket: whoever leaves, or completes the operation, takes the requests to regions back.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { leftovers } from '../../support/leftovers.ts';
import { scrape } from '../../support/metrics.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';
import { aSocket } from './socket-client.ts';

const QUERY = '{ host(id: "r1/worker-0") { hostname } }';
const BELOW_DEADLINE_MS = 8_000; // of the region, which is 20 s here
const left = leftovers();
let stack: GatewayStack;
let held: number;
let givenUp: number;

beforeAll(async () => {
  stack = await aGateway(['r1'], left);
});
beforeEach(() => {
  stack.reset();
  held = givenUp = 0;
  stack.regions['r1']!.behave(({ res }) => {
    held++;
    res.once('close', () => givenUp++);
  });
});

const isHeld = () => eventually('the region has the request', () => held === 1);
const isGivenUp = () => eventually('the request is given up', () => givenUp === 1, BELOW_DEADLINE_MS);

describe('a query over a WebSocket', () => {
  it('is given up when its client completes it; the socket goes on', async () => {
    const socket = aSocket(stack.url);
    const query = socket.run(QUERY);
    await isHeld();
    query.stop();
    await isGivenUp();
    expect(query.results).toEqual([]);
    stack.regions['r1']!.reset();
    const next = socket.run(QUERY);
    expect(await next.ended).toBe('complete');
    expect(next.results).toEqual([{ data: { host: { hostname: 'worker-0' } } }]);
    await socket.close();
  });

  it('is given up when its client leaves', async () => {
    const socket = aSocket(stack.url);
    socket.run(QUERY);
    await isHeld();
    await socket.close();
    await isGivenUp();
  });

  it('goes on while another client waits for the same answer', async () => {
    const [leaver, stayer] = [aSocket(stack.url), aSocket(stack.url)];
    let answer = (): void => undefined;
    stack.regions['r1']!.behave(async ({ res, honest }) => {
      held++;
      await new Promise<void>(resolve => {
        answer = resolve;
      });
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await honest()));
    });
    const gone = leaver.run(QUERY);
    await isHeld();
    const stays = stayer.run(QUERY);
    const joined = async () => (await scrape(stack.url)).value('murmuration_queries_joined_total');
    await eventually('both wait for one answer', async () => (await joined()) === 1);
    gone.stop();
    // the socket is served in order: what came before was heard
    expect(await leaver.run('{ __typename }').ended).toBe('complete');
    answer();
    expect(await stays.ended).toBe('complete');
    expect(stays.results).toEqual([{ data: { host: { hostname: 'worker-0' } } }]);
    expect(held).toBe(1);
    await Promise.all([leaver.close(), stayer.close()]);
  });

  it('is told nothing more after it was completed', async () => {
    const socket = new WebSocket(stack.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    const told: { readonly type: string; readonly id?: string }[] = [];
    socket.on('message', data => told.push(JSON.parse(String(data))));
    await new Promise(resolve => socket.once('open', resolve));
    const say = (message: object): void => socket.send(JSON.stringify(message));
    const hears = (type: string) => eventually(type, () => told.some(message => message.type === type));
    say({ type: 'connection_init' });
    await hears('connection_ack');
    say({ type: 'subscribe', id: '1', payload: { query: QUERY } });
    await isHeld();
    say({ type: 'complete', id: '1' });
    await isGivenUp();
    say({ type: 'ping' });
    await hears('pong');
    expect(told.filter(({ id }) => id === '1')).toEqual([]);
    socket.terminate();
  });
});
