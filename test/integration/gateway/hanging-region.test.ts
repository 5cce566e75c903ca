import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { type Behaviour, hangs, type StubRegion, trickles } from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, SHORT_DEADLINE_MS, told, wholeRegion } from './gateway-stack.ts';

/** One deadline and much room for a busy machine; that it is one deadline only, the number of requests shows. */
const ONE_DEADLINE_MS = 4 * SHORT_DEADLINE_MS;

const left = leftovers();
let stack: GatewayStack;
let ill: StubRegion;

beforeAll(async () => {
  stack = await aGateway(['r1', 'r2', 'r3'], left, { regionDeadlineMs: SHORT_DEADLINE_MS });
  ill = stack.regions['r2']!;
  await stack.ask(FLEET_QUERY); // the first request is slow, and its deadline is not in question
  stack.reset();
});
afterEach(() => stack.reset());

describe('a region that hangs', () => {
  it.each<[string, Behaviour]>([
    ['never answers', hangs],
    ['trickles bytes', trickles],
  ])('costs its own fields and its deadline once, when it %s', async (_what, behaviour) => {
    ill.behave(behaviour);
    const { status, data, errors, tookMs } = await stack.ask(FLEET_QUERY);
    expect(status).toBe(200);
    expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }, wholeRegion('r3')]);
    expect(told(errors)).toEqual(['REGION_TIMEOUT r2 regions.nodes.1.hosts']);
    expect(errors[0]?.message).toContain(`Region r2 gave no answer within ${SHORT_DEADLINE_MS} ms`);
    expect(tookMs).toBeLessThan(ONE_DEADLINE_MS);
    expect(ill.requests).toHaveLength(1);
  });

  it('in one subgraph loses the fields of that one only', async () => {
    ill.behave(hangs, 'faults');
    const { data, errors } = await stack.ask(FLEET_QUERY);
    const whole = wholeRegion('r2');
    expect(data.regions.nodes[1]).toEqual({
      ...whole,
      hosts: { nodes: whole.hosts.nodes.map(host => ({ ...host, alarms: null })) },
    });
    expect(data.regions.nodes[2]).toEqual(wholeRegion('r3'));
    expect(told(errors)).toEqual(['REGION_TIMEOUT r2 regions.nodes.1.hosts.nodes.0.alarms']);
    expect(errors[0]?.extensions['count']).toBe(2);
  });

  it('is asked once for a chain of mutations, and costs its deadline once', async () => {
    ill.behave(hangs);
    const { data, errors, tookMs } = await stack.ask(`mutation {
      a: acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } }
      b: updateHost(input: { id: "r2/worker-0" }) { host { id } }
      c: acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } }
      d: acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
    }`);
    expect(data).toEqual({ a: null, b: null, c: null, d: { alarm: { id: 'r1/on-worker-0' } } });
    expect(told(errors)).toEqual(['a', 'b', 'c'].map(field => `REGION_TIMEOUT r2 ${field}`));
    expect(ill.requests).toHaveLength(1);
    expect(tookMs).toBeLessThan(ONE_DEADLINE_MS);
    const [first, ...later] = ['a', 'b', 'c'].map(field => errors.find(error => error.path?.[0] === field)!.message);
    expect(first).toContain('not known whether the change was made');
    for (const message of later) expect(message).toContain('The change was not sent');
  });

  it('does not hold up requests that do not need it, and is asked again by the next one', async () => {
    ill.behave(hangs);
    const hanging = stack.ask(FLEET_QUERY);
    const other = stack.ask('{ host(id: "r1/worker-0") { hostname } }');
    const first = await Promise.race([hanging, other]);
    expect(first.data).toEqual({ host: { hostname: 'worker-0' } });
    await hanging;
    ill.reset();
    expect((await stack.ask(FLEET_QUERY)).errors).toEqual([]);
  });
});
