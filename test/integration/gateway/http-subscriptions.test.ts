// Subscriptions as one long HTTP answer: Server-Sent Events and Apollo's multipart protocol, over one engine.
import { once } from 'node:events';
import http from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';

const FEED = 'subscription { alarmFeed { kind alarm { id host { hostname cpu { model } } } } }';
const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json';

const left = leftovers();
let stack: GatewayStack;

beforeAll(async () => {
  stack = await aGateway(['r1'], left);
});

async function open(path: string, body: unknown, headers: Record<string, string> = {}) {
  const request = http.request(stack.url.replace('/graphql', path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  request.on('error', () => undefined); // closed on purpose
  request.end(typeof body === 'string' ? body : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    text: () => text,
    until: (what: string, holds: (text: string) => boolean) => eventually(what, () => holds(text)),
    close: async () => {
      request.destroy();
      await eventually('the fleet service has no feed left', () => stack.fleet.openFeeds() === 0, 15_000);
    },
  };
}

const feedIsOpen = () => eventually('the upstream feed is open', () => stack.fleet.openFeeds() === 1, 15_000);
const EVENT = '"host":{"hostname":"worker-0","cpu":{"model":"cpu of r1/worker-0"}}';

describe('Server-Sent Events', () => {
  it('bring each event with what the regions add, and the cursor as its id', async () => {
    const stream = await open('/graphql/stream', { query: FEED });
    expect(stream.type).toContain('text/event-stream');
    await feedIsOpen();
    stack.fleet.emit({ kind: 'ALIGNED', cursor: 'c1', region: 'r1' });
    stack.fleet.emit({ kind: 'RAISED', cursor: 'c2', region: 'r1' });
    await stream.until('both', text => text.split('event: next').length === 3);
    expect(stream.text()).toContain('id: c1\nevent: next\ndata: {"data":{"alarmFeed":{"kind":"ALIGNED"');
    expect(stream.text()).toContain(EVENT);
    expect(stream.text()).not.toContain('murmuration_');
    await stream.close();
  });

  it('close the upstream feed when the client goes, also a quiet one', async () => {
    const stream = await open('/graphql/stream', { query: FEED });
    await feedIsOpen();
    await stream.close();
  });

  it.each([
    ['what is no JSON', 'query', {}, 400],
    ['a query', { query: '{ regions { totalCount } }' }, {}, 400],
    ['a field that is not there', { query: 'subscription { alarmFeed { nonsense } }' }, {}, 400],
    ['another type of content', { query: FEED }, { 'content-type': 'text/plain' }, 415],
    ['more than a megabyte', { query: FEED, variables: { x: 'x'.repeat(1_100_000) } }, {}, 413],
  ])('refuse %s', async (_, body, headers, status) => {
    const refused = await open('/graphql/stream', body, headers as Record<string, string>);
    await refused.until('a reason', text => text.includes('"message"'));
    expect(refused.status).toBe(status);
  });
});

describe('the multipart protocol', () => {
  it('brings each event as a part with a payload', async () => {
    const stream = await open('/graphql', { query: FEED }, { accept: MULTIPART });
    expect(stream.type).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
    await feedIsOpen();
    stack.fleet.emit({ kind: 'RAISED', cursor: 'c1', region: 'r1' });
    await stream.until('the event', text => text.includes(EVENT));
    const [, part] = stream.text().split('\r\n--graphql\r\n');
    const [header, body] = part!.split('\r\n\r\n');
    expect(header).toBe('content-type: application/json');
    expect(JSON.parse(body!)).toMatchObject({ payload: { data: { alarmFeed: { kind: 'RAISED' } } } });
    await stream.close();
  });

  it('leaves queries of the same client alone', async () => {
    const answer = await stack.ask('{ regions { nodes { id } } }', {}, { accept: 'application/json' });
    expect(answer).toMatchObject({ status: 200, data: { regions: { nodes: [{ id: 'r1' }] } } });
  });
});
