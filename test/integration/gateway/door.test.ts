import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, wholeRegion } from './gateway-stack.ts';
import { aSocket, endOf } from './socket-client.ts';

const TOKEN = 'a-token-of-thirty-two-characters';
const AUTHORIZATION = `Bearer ${TOKEN}`;
const left = leftovers();

describe('a gateway with a token', () => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2'], left, { token: TOKEN });
  });

  it('refuses a request without it, or with another', async () => {
    for (const headers of [{}, { authorization: `Bearer ${TOKEN}!` }]) {
      const { status, errors } = await stack.ask('{ __typename }', {}, headers as Record<string, string>);
      expect(status).toBe(401);
      expect(errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    }
    expect(stack.requests).toEqual([]);
  });

  it('answers with it, and shows it to the fleet service and to every region', async () => {
    const { data, errors } = await stack.ask(FLEET_QUERY, {}, { authorization: AUTHORIZATION });
    expect(errors).toEqual([]);
    expect(data.regions.nodes).toEqual(['r1', 'r2'].map(wholeRegion));
    expect(new Set(stack.requests.map(request => request.authorization))).toEqual(new Set([AUTHORIZATION]));
    expect(stack.fleet.authorizations).toContain(AUTHORIZATION);
  });

  it('closes a socket without it, or with another, with 4403', async () => {
    expect(await endOf(stack.url, {})).toBe(4403);
    expect(await endOf(stack.url, {}, { payload: { authorization: 'Bearer wrong' } })).toBe(4403);
    expect(await endOf(stack.url, {}, { payload: { authorization: [AUTHORIZATION] } })).toBe(4403);
  });

  it('lets a socket in with it, in a header or in the first message, and uses it upstream', async () => {
    expect(await endOf(stack.url, { authorization: AUTHORIZATION })).toBe(4000);
    const socket = aSocket(stack.url, { authorization: AUTHORIZATION });
    left.add(() => socket.close());
    const feed = socket.run('subscription { alarmFeed { cursor } }');
    await eventually('the upstream feed is open', () => stack.fleet.openFeeds() === 1, 15_000);
    stack.fleet.emit({ kind: 'HEARTBEAT', cursor: '7' });
    await feed.until(1);
    expect(feed.results).toEqual([{ data: { alarmFeed: { cursor: '7' } } }]);
  });

  it('shows its health and its query page without it', async () => {
    const statusOf = async (url: string) => {
      const answer = await fetch(url, { headers: { accept: 'text/html' } });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await statusOf(new URL('/health/live', stack.url).href)).toBe(200);
    expect(await statusOf(stack.url)).toBe(200);
    expect(await statusOf(`${stack.url}?query={__typename}`)).toBe(401);
  });
});

describe('a gateway', () => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1'], left);
  });

  it('lets only its own pages open a socket', async () => {
    const { host } = new URL(stack.url);
    for (const origin of ['http://evil.example', `http://evil.${host}`, 'null', 'http://127.0.0.1:1'])
      expect(await endOf(stack.url, { origin })).toBe(401);
    expect(await endOf(stack.url, { origin: `http://${host}` })).toBe(4000);
    expect(await endOf(stack.url, {})).toBe(4000);
  });

  it('tells a subscription that comes by HTTP where to go', async () => {
    const { status, data, errors } = await stack.ask('subscription { alarmFeed { cursor } }');
    expect(status).toBe(400);
    expect(data).toBeUndefined();
    expect(errors[0]?.message).toBe(
      'Subscriptions are served at this address over WebSocket (graphql-transport-ws), and at /graphql/stream as Server-Sent Events.',
    );
    expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(stack.fleet.openFeeds()).toBe(0);
  });

  it('gives a browser the query page, and sends it there from /', async () => {
    const page = await fetch(new URL('/', stack.url), { headers: { accept: 'text/html,*/*' } });
    expect(page.status).toBe(200);
    expect(page.url).toBe(stack.url);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<title>Murmuration</title>');
  });

  it('needs nothing from elsewhere for its query page', async () => {
    const html = await (await fetch(stack.url, { headers: { accept: 'text/html' } })).text();
    expect(html.match(/<(script|link|img)[^>]+(src|href)=["']?https?:/g)).toBeNull();
  });

  it('answers a query by GET for a program, and refuses one that a foreign page could send', async () => {
    const url = `${stack.url}?query=${encodeURIComponent('{ host(id: "r1/worker-0") { hostname } }')}`;
    const { origin } = new URL(stack.url);
    const whole = { data: { host: { hostname: 'worker-0' } } };
    expect(await (await fetch(url)).json()).toEqual(whole);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin }, { referer: `${origin}/graphql` }])
      expect(await (await fetch(url, { headers })).json()).toEqual(whole);
    for (const site of ['cross-site', 'same-site'])
      expect((await fetch(url, { headers: { 'sec-fetch-site': site } })).status).toBe(403);
    for (const from of ['http://evil.example', 'null'])
      expect((await fetch(url, { headers: { origin: from } })).status).toBe(403);
    expect((await fetch(url, { headers: { referer: 'http://evil.example/page' } })).status).toBe(403);
  });

  it('takes a change as JSON only, which no form of a foreign page can send, and never by GET', async () => {
    const query = 'mutation { acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } } }';
    stack.reset();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const body = type.includes('urlencoded') ? new URLSearchParams({ query }).toString() : JSON.stringify({ query });
      for (const from of [{}, { origin: 'http://evil.example' }] as Record<string, string>[]) {
        const answer = await fetch(stack.url, { method: 'POST', headers: { 'content-type': type, ...from }, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await fetch(`${stack.url}?query=${encodeURIComponent(query)}`)).status).toBe(405);
    expect(stack.requests).toEqual([]);
  });

  it('does not show the door of the agents', async () => {
    const { data } = await stack.ask('{ __schema { mutationType { fields { name } } types { name } } }');
    const mutations = data.__schema.mutationType.fields.map((field: { name: string }) => field.name);
    expect(mutations).toContain('acknowledgeAlarm');
    for (const hidden of ['reportHost', 'reportHeartbeats', 'reportUsage', 'reportHostSoftware'])
      expect(mutations).not.toContain(hidden);
    const types = data.__schema.types.map((type: { name: string }) => type.name);
    expect(
      types.filter((name: string) => /^Report(?!Events?(Input|Payload)$)|UsageSample|_Any|_Entity|_Service/.test(name)),
    ).toEqual([]);
    const { status, errors } = await stack.ask('mutation { reportHeartbeats(input: { hosts: [] }) { unknown } }');
    expect(status).toBe(400);
    expect(errors[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('refuses what does not fit the schema with 400', async () => {
    const { status, errors } = await stack.ask('{ regions { nodes { colour } } }');
    expect(status).toBe(400);
    expect(errors[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
