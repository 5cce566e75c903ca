import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { type Behaviour, breaksOff, distorts, resets, type StubRegion, sends } from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, told, wholeRegion } from './gateway-stack.ts';

const left = leftovers();

// @apollo/gateway is the reference: what it answers, our own engine answers
describe.each(['murmuration', 'apollo'] as const)('the engine %s', engine => {
  let stack: GatewayStack;
  let ill: StubRegion;

  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2', 'r3'], left, { gateway: { engine } });
    ill = stack.regions['r2']!;
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
    it.each<[string, Behaviour]>([
      ['resets the connection', resets],
      ['breaks off its answer', breaksOff],
      ['answers HTML', sends(200, '<html><body>Welcome!', 'text/html')],
      ['answers 500', sends(500, 'oh no', 'text/plain')],
      ['answers 10 MB of garbage', sends(200, '\u{1F426}'.repeat(2_500_000))],
      ['answers JSON that is no GraphQL', sends(200, '{"hello":"world"}')],
      ['answers nothing', sends(200, '')],
      ['answers null', sends(200, 'null')],
      ['answers too few entities', short],
      ['answers too many entities', long],
      ['answers no entities', sends(200, '{"data":{}}')],
      ['answers null data without an error', sends(200, '{"data":null}')],
      ['answers errors that are none', sends(200, '{"errors":[null, 7]}')],
      ['answers an error whose path is none', sends(200, '{"errors":[{"message":"x","path":7}]}')],
      ['redirects', ({ res }) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
      ['refuses the token', sends(401, '{"errors":[{"message":"no"}]}')],
    ])('when it %s', async (what, behaviour) => {
      ill.behave(behaviour);
      const { status, data, errors } = await stack.ask(FLEET_QUERY);
      expect(status).toBe(200);
      expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }, wholeRegion('r3')]);
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
      expect(errors[0]?.message).toContain('Region r2');
      // a query on a kept connection that was cut before a byte of an answer came is sent once more
      expect(ill.requests.length).toBeLessThanOrEqual(what === 'resets the connection' ? 2 : 1);
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
    it('loses the fields of that one only', async () => {
      ill.behave(sends(503, 'down'), 'faults');
      const { data, errors } = await stack.ask(FLEET_QUERY);
      const whole = wholeRegion('r2');
      expect(data.regions.nodes[1]).toEqual({
        ...whole,
        hosts: { nodes: whole.hosts.nodes.map(host => ({ ...host, alarms: null })) },
      });
      expect(data.regions.nodes[2]).toEqual(wholeRegion('r3'));
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts.nodes.0.alarms']);
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

  describe('a region that is gone', () => {
    it('costs only its own fields, at once', async () => {
      const gone = await aGateway(['r1', 'r2'], left, { gateway: { engine } });
      await gone.regions['r2']!.close();
      const { status, data, errors } = await gone.ask(FLEET_QUERY);
      expect(status).toBe(200);
      expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }]);
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
      expect(errors[0]?.message).toMatch(/cannot be reached: connection (refused|reset)/);
    });
  });
});
