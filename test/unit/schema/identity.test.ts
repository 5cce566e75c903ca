import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegionId, makeId, parseId, regionOf } from '../../../schema/identity.ts';

const regionIds = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const localIds = fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/);

describe('a global id', () => {
  it('gives back the region and the local id that it was made of', () => {
    fc.assert(
      fc.property(regionIds, localIds, (region, local) => {
        expect(parseId(makeId(region, local))).toEqual({ region, local });
        expect(regionOf(makeId(region, local))).toBe(region);
      }),
    );
  });

  it('is the only text that parses: what parses makes the same text again', () => {
    const nearIds = fc.oneof(
      fc.string(),
      fc.tuple(regionIds, fc.string()).map(parts => parts.join('/')),
    );
    fc.assert(
      fc.property(nearIds, text => {
        const parsed = parseId(text);
        if (parsed) expect(makeId(parsed.region, parsed.local)).toBe(text);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a region alone', 'paris-1'],
    ['no region', '/host-1'],
    ['no local id', 'paris-1/'],
    ['a second slash', 'paris-1/host/1'],
    ['upper case in the region', 'Paris-1/host-1'],
    ['a dash at an end of the region', 'paris-/host-1'],
    ['64 characters of region', `${'a'.repeat(64)}/host-1`],
    ['129 characters of local id', `paris-1/${'a'.repeat(129)}`],
    ['a blank', 'paris-1/host 1'],
    ['a line break at the end', 'paris-1/host-1\n'],
    ['a path upwards', '../etc/passwd'],
  ])('does not have %s', (_what, text) => {
    expect(parseId(text)).toBeNull();
  });
});

describe('a region id', () => {
  it('never contains a slash, so that an id has one reading only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(isRegionId(`${before}/${after}`)).toBe(false);
      }),
    );
    fc.assert(fc.property(regionIds, id => isRegionId(id) && parseId(id) === null));
  });

  it('names itself as the region that answers', () => {
    expect(regionOf('paris-1')).toBe('paris-1');
    expect(regionOf('Paris 1')).toBeNull();
    expect(regionOf('')).toBeNull();
  });
});
