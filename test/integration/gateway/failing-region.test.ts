import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import {
  type Behaviour,
  breaksOff,
  distorts,
  hangs,
  resets,
  type StubRegion,
  sends,
  trickles,
} from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, REGION_DEADLINE_MS, told, wholeRegion } from './gateway-stack.ts';

/** One deadline and much room for a busy machine; that it is one deadline only, the number of requests shows. */
const ONE_DEADLINE_MS = 5 * REGION_DEADLINE_MS;

const left = leftovers();
let stack: GatewayStack;
let ill: StubRegion;

beforeAll(async () => {
  stack = await aGateway(['r1', 'r2', 'r3'], left);
  ill = stack.regions['r2']!;
  await stack.ask(FLEET_QUERY); // plans once, so that the times below are those of a warm gateway
  stack.reset();
});
afterEach(() => stack.reset());

const short = distorts(answer => {
  answer.data._entities.pop();
  return answer;
});
const long = distorts(answer => {
  answer.data._entities.push(null);
  return answer;
});

describe('a region that fails costs only its own fields', () => {
  it.each<[string, Behaviour, string]>([
    ['hangs', hangs, 'REGION_TIMEOUT'],
    ['trickles bytes', trickles, 'REGION_TIMEOUT'],
    ['resets the connection', resets, 'REGION_UNREACHABLE'],
    ['breaks off its answer', breaksOff, 'REGION_UNREACHABLE'],
    ['answers HTML', sends(200, '<html><body>Welcome!', 'text/html'), 'REGION_UNREACHABLE'],
    ['answers 500', sends(500, 'oh no', 'text/plain'), 'REGION_UNREACHABLE'],
    ['answers 10 MB of garbage', sends(200, '\u{1F426}'.repeat(2_500_000)), 'REGION_UNREACHABLE'],
    ['answers JSON that is no GraphQL', sends(200, '{"hello":"world"}'), 'REGION_UNREACHABLE'],
    ['answers nothing', sends(200, ''), 'REGION_UNREACHABLE'],
    ['answers null', sends(200, 'null'), 'REGION_UNREACHABLE'],
    ['answers too few entities', short, 'REGION_UNREACHABLE'],
    ['answers too many entities', long, 'REGION_UNREACHABLE'],
    ['answers no entities', sends(200, '{"data":{}}'), 'REGION_UNREACHABLE'],
    ['answers null data without an error', sends(200, '{"data":null}'), 'REGION_UNREACHABLE'],
    ['answers errors that are none', sends(200, '{"errors":[null, 7]}'), 'REGION_UNREACHABLE'],
    ['answers an error whose path is none', sends(200, '{"errors":[{"message":"x","path":7}]}'), 'REGION_UNREACHABLE'],
    [
      'redirects',
      ({ res }) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'REGION_UNREACHABLE',
    ],
    ['refuses the token', sends(401, '{"errors":[{"message":"no"}]}'), 'REGION_UNREACHABLE'],
  ])('when it %s', async (_what, behaviour, code) => {
    ill.behave(behaviour);
    const { status, data, errors, tookMs } = await stack.ask(FLEET_QUERY);
    expect(status).toBe(200);
    expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }, wholeRegion('r3')]);
    expect(told(errors)).toEqual([`${code} r2 regions.nodes.1.hosts`]);
    expect(errors[0]?.message).toContain('Region r2');
    expect(tookMs).toBeLessThan(ONE_DEADLINE_MS);
    expect(ill.requests).toHaveLength(1);
  });

  it('when its answer has errors of its own: they keep their message and get their region', async () => {
    ill.behave(
      distorts(answer => ({
        data: { _entities: answer.data._entities.map(() => ({ hosts: null })) },
        errors: [{ message: 'Database full.', path: ['_entities', 0, 'hosts'], extensions: { code: 'FULL' } }],
      })),
      'inventory',
    );
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(data.regions.nodes[1].hosts).toBeNull();
    expect(data.regions.nodes[2]).toEqual(wholeRegion('r3'));
    expect(told(errors)).toEqual(['FULL r2 regions.nodes.1.hosts']);
    expect(errors[0]?.message).toBe('Database full.');
  });
});

describe('a region with one subgraph down', () => {
  it.each<[string, Behaviour, string]>([
    ['faults', sends(503, 'down'), 'REGION_UNREACHABLE'],
    ['faults', hangs, 'REGION_TIMEOUT'],
  ])('loses the fields of %s only', async (_what, behaviour, code) => {
    ill.behave(behaviour, 'faults');
    const { data, errors } = await stack.ask(FLEET_QUERY);
    const whole = wholeRegion('r2');
    expect(data.regions.nodes[1]).toEqual({
      ...whole,
      hosts: { nodes: whole.hosts.nodes.map(host => ({ ...host, alarms: null })) },
    });
    expect(data.regions.nodes[2]).toEqual(wholeRegion('r3'));
    expect(told(errors)).toEqual([`${code} r2 regions.nodes.1.hosts.nodes.0.alarms`]);
    expect(errors[0]?.extensions['count']).toBe(2);
  });

  it('still answers from the others at a later stage', async () => {
    ill.behave(sends(503, 'down'), 'faults');
    ill.behave(async ({ res, honest }) => {
      await new Promise(resolve => setTimeout(resolve, 50)); // faults has failed by then
      res.end(JSON.stringify(await honest()));
    }, 'inventory');
    const { data, errors } = await stack.ask(
      '{ region(id: "r2") { alarms { totalCount } hosts { nodes { software { release } } } } }',
    );
    expect(data.region.hosts.nodes.map((host: { software: unknown }) => host.software)).toEqual([
      { release: 'release of r2/controller-0' },
      { release: 'release of r2/worker-0' },
    ]);
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 region.alarms']);
  });
});

describe('a region that hangs', () => {
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

describe('a region that is gone', () => {
  it('costs only its own fields, at once', async () => {
    const gone = await aGateway(['r1', 'r2'], left);
    await gone.regions['r2']!.close();
    const { status, data, errors } = await gone.ask(FLEET_QUERY);
    expect(status).toBe(200);
    expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }]);
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
    expect(errors[0]?.message).toMatch(/cannot be reached: connection (refused|reset)/);
  });
});
