// What becomes of a mirrored host, as its log tells it; and which kind of region follows from its controllers.
import { expect, test } from 'vitest';
import { kindOf } from '../../../subgraphs/central/fleet/hosts/capacity.ts';
import { changesBetween, hostChange } from '../../../subgraphs/central/fleet/hosts/host-change.ts';
import { passesChange } from '../../../subgraphs/central/fleet/hosts/host-filter.ts';
import { hostRow } from '../../../subgraphs/central/fleet/mirror/mirror-columns.ts';

const AT = '2026-01-01T00:00:00.000Z';
const state = { administrative: 'UNLOCKED', operational: 'ENABLED', availability: 'AVAILABLE' };
const host = (id: string, more = {}) => hostRow('lagos-1', id, { ...state, hostname: id, ...more });

test('a host of a region of an older release has what the mirror needs', () => {
  expect(hostRow('lagos-1', 'a', state)).toMatchObject({
    id: 'lagos-1/a',
    labels: [],
    subfunctions: [],
    capacity: null,
  });
});

test('what stays the same is no change, also when it was sent anew', () => {
  const labels = [{ key: 'a', value: 'b' }];
  expect(hostChange(host('a', { labels }), host('a', { labels: [{ ...labels[0]! }] }), AT)).toBeNull();
  expect(hostChange(null, null, AT)).toBeNull();
});

test('two states of a region differ by what was added, changed and removed', () => {
  const before = [host('a'), host('b'), host('c')];
  const after = [host('b', { availability: 'DEGRADED' }), host('c'), host('d')];
  expect(
    changesBetween(before, after, AT).map(({ kind, host: { hostname }, before }) => [kind, hostname, before]),
  ).toEqual([
    ['REMOVED', 'a', {}],
    ['CHANGED', 'b', { availability: 'AVAILABLE' }],
    ['ADDED', 'd', {}],
  ]);
});

test('a removed host passes by what it last was', () => {
  const change = hostChange(host('a', { serialNumber: 'S' }), null, AT)!;
  expect(passesChange({ serialNumber: 'S' }, change, () => null)).toBe(true);
  expect(passesChange({ serialNumber: 'T' }, change, () => null)).toBe(false);
});

test.each([
  [0, false, null],
  [1, false, 'SIMPLEX'],
  [1, true, 'SIMPLEX'],
  [2, true, 'DUPLEX'],
  [2, false, 'STANDARD'],
])('%i controllers, all-in-one: %s, make a region %s', (controllers, isAllInOne, kind) => {
  expect(kindOf({ controllers, isAllInOne })).toBe(kind);
});
