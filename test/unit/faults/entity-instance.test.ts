// Entity instances: where an alarm is, read from StarlingX's unescaped dotted pairs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type EntityPair,
  entityTypeOf,
  hostnameOf,
  liesWithin,
  parseEntityInstance,
} from '../../../subgraphs/edge/faults/alarms/entity-instance.ts';

const format = (pairs: readonly EntityPair[]): string =>
  pairs.map(({ key, value }) => (value === '' ? key : `${key}=${value}`)).join('.');

const key = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,12}$/);
// dots and slashes belong to values; `.word=` and a last `.ntp` or `.ptp` would not
const value = fc
  .stringMatching(/^[a-zA-Z0-9/_:-]{1,8}(\.[a-zA-Z0-9/_:-]{1,8}){0,3}$/)
  .filter(text => !/\.(ntp|ptp)$/.test(text));
const pairs = fc.array(fc.record({ key, value }), { minLength: 1, maxLength: 5 });

describe('an entity instance', () => {
  test('reads back as it was written, whatever dots its values hold', () => {
    fc.assert(
      fc.property(pairs, wanted => {
        expect(parseEntityInstance(format(wanted))).toEqual(wanted);
      }),
    );
  });

  test('that is taken says no more and no less than its text', () => {
    const text = fc.oneof(fc.string({ unit: fc.constantFrom(...'host=./ntp:x1'.split('')) }), fc.string());
    fc.assert(
      fc.property(text, given => {
        const read = parseEntityInstance(given);
        if (read !== null) expect(format(read)).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, string, string | null]>([
    ['host=compute-0', 'host', 'compute-0'],
    ['host=a.b.c.filesystem=/x.y', 'host.filesystem', 'a.b.c'],
    ['host=x.ntp', 'host.ntp', 'x'],
    ['host=x.ntp=10.10.10.11', 'host.ntp', 'x'],
    ['host=a.b.interface=ens801f0.port=p-1.0', 'host.interface.port', 'a.b'],
    ['subcloud=sub1.host=compute-0', 'subcloud.host', 'compute-0'],
    ['subcloud=sub1', 'subcloud', null],
    ['host=compute-0.filesystem=/var/lib=odd', 'host.filesystem', 'compute-0'],
  ])('%s is a %s on host %s', (text, type, host) => {
    const read = parseEntityInstance(text)!;
    expect(entityTypeOf(read)).toBe(type);
    expect(hostnameOf(read)).toBe(host);
  });

  test.each(['', 'compute-0', '=compute-0', 'host=', 'host=.ntp', '1host=a', 'ho st=a', 'host=a.filesystem='])(
    '%j is none',
    text => expect(parseEntityInstance(text)).toBeNull(),
  );
});

describe('lying within', () => {
  test.each([
    ['host=a', 'host=a', true],
    ['host=a.port=b', 'host=a', true],
    ['host=a.ntp', 'host=a', true],
    ['host=a.port=b.led=1', 'host=a.port=b', true],
    ['host=ab', 'host=a', false],
    ['host=a.b', 'host=a', false],
    ['host=a.b.port=c', 'host=a', false],
    ['host=a', 'host=a.port=b', false],
    ['rack=1.host=a', 'host=a', false],
  ])('%s within %s: %s', (entity, place, expected) => {
    expect(liesWithin(entity, place)).toBe(expected);
  });

  test('is what the pairs say, whatever the text looks like', () => {
    fc.assert(
      fc.property(pairs, pairs, (outer, more) => {
        expect(liesWithin(format([...outer, ...more]), format(outer))).toBe(true);
      }),
    );
  });
});
