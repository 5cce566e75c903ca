import { describe, expect, it } from 'vitest';
import { regionIds, regionName } from '../../../launcher/region-names.ts';
import { connectionsFor, packRegions, planStack, reachableHost } from '../../../launcher/stack-plan.ts';
import { loadConfig } from '../../../runtime/config.ts';
import { isRegionId } from '../../../schema/identity.ts';

const planOf = (regions: number, more = {}) =>
  planStack(loadConfig({ env: {}, flags: { launcher: { regions }, ...more } }));

describe('the names of regions', () => {
  it('begin with the three of the issue and stay the same however many there are', () => {
    expect(regionIds(3)).toEqual(['paris-1', 'lagos-1', 'osaka-1']);
    expect(regionIds(1000).slice(0, 40)).toEqual(regionIds(40));
  });

  it('are valid and all different up to the most there may be', () => {
    const ids = regionIds(1000);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.filter(id => !isRegionId(id))).toEqual([]);
    expect(ids[999]).toBe('region-1000');
  });

  it('are shown with a capital', () => {
    expect(regionName('paris-1')).toBe('Paris 1');
    expect(regionName('region-041')).toBe('Region 041');
  });
});

describe('packing', () => {
  it.each([1, 3, 8])('gives each of %i regions a process of its own', count => {
    expect(packRegions(regionIds(count)).map(pack => pack.length)).toEqual(Array(count).fill(1));
  });

  it.each([9, 38, 39, 100, 1000])('shares out %i regions evenly, none twice, at most 30 a process', count => {
    const packs = packRegions(regionIds(count));
    expect(packs.flat()).toEqual(regionIds(count));
    const shared = packs.slice(8).map(pack => pack.length);
    expect(Math.max(...shared)).toBeLessThanOrEqual(30);
    expect(Math.max(...shared) - Math.min(...shared)).toBeLessThanOrEqual(1);
  });
});

describe('the plan', () => {
  it('shows part and region in each command line, and only the first region gets the real agent', () => {
    expect(planOf(2).parts.map(part => part.args.join(' '))).toEqual([
      'fleet',
      'region paris-1',
      'region lagos-1',
      'gateway',
      'agent paris-1',
      'agent lagos-1 --simulated',
    ]);
  });

  it('gives regions of one process one port and each its own door', () => {
    const { doors, ports } = planOf(10);
    expect(doors['paris-1']).toBe('http://127.0.0.1:4101/paris-1');
    expect(doors['oslo-1']).toBe('http://127.0.0.1:4109/oslo-1');
    expect(doors['accra-1']).toBe('http://127.0.0.1:4109/accra-1');
    expect(ports.map(({ port }) => port)).toEqual([
      4000, 4001, 4002, 4101, 4102, 4103, 4104, 4105, 4106, 4107, 4108, 4109,
    ]);
  });

  it('wants no port for a database of its own when there is one already', () => {
    const { ports } = planOf(1, { database: { url: 'postgres://u:p@db:5432/postgres' } });
    expect(ports.map(({ part }) => part)).toEqual(['gateway', 'fleet', 'region paris-1']);
  });

  it('scales connections with regions and pools', () => {
    expect(connectionsFor(3, 4)).toBe(142);
    expect(connectionsFor(10, 10)).toBe(420);
  });
});

describe('the host in an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
    ['localhost', 'localhost'],
    ['192.168.1.5', '192.168.1.5'],
  ])('for doors bound to %s is %s', (host, address) => {
    expect(reachableHost(host)).toBe(address);
  });
});
