import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EntityShare,
  joinShares,
  missingShare,
  type Representation,
  sharesByRegion,
} from '../../../gateway/routing/entity-routing.ts';

const regions = fc.constantFrom('r1', 'r2', 'r3', 'r4');
const representations = fc.array(
  fc.oneof(
    fc.record({ __typename: fc.constant('Region'), id: regions }),
    fc.record({ __typename: fc.constant('Host'), id: fc.tuple(regions, fc.nat(9)).map(([r, n]) => `${r}/h${n}`) }),
    fc.record({ __typename: fc.constant('Host'), id: fc.constantFrom('nowhere!', '', null) }),
  ),
);

/** The region answers each representation with itself, so that a swapped place shows. */
const echo = (share: EntityShare) => ({ share, answer: { data: { _entities: [...share.representations] } } });

const aShare = (changes: Partial<EntityShare> = {}): EntityShare => ({
  region: 'r1',
  representations: [
    { __typename: 'Host', id: 'r1/h1' },
    { __typename: 'Host', id: 'r1/h2' },
  ],
  indexes: [1, 4],
  ...changes,
});

describe('an entity fetch that is split by region', () => {
  it('joins to the entities in the order asked, whatever regions they are of', () => {
    fc.assert(
      fc.property(representations, list => {
        const shares = [...sharesByRegion(list as Representation[]).values()];
        const joined = joinShares(list.length, shares.reverse().map(echo));
        expect(joined).toEqual({ data: { _entities: list } });
      }),
    );
  });

  it('puts each representation into the share of its own region, once', () => {
    fc.assert(
      fc.property(representations, list => {
        const shares = [...sharesByRegion(list as Representation[])];
        expect(shares.flatMap(([, share]) => share.indexes).sort((a, b) => a - b)).toEqual(list.map((_, i) => i));
        for (const [region, share] of shares)
          for (const { id } of share.representations)
            if (region === null) expect(['nowhere!', '', null]).toContain(id);
            else expect(String(id).split('/')[0]).toBe(region);
      }),
    );
  });

  it('moves the errors of a region to the places of its entities', () => {
    const share = aShare();
    const errors = [{ message: 'no fan', path: ['_entities', 1, 'sensors', 3, 'fan'], extensions: { code: 'BROKEN' } }];
    const joined = joinShares(5, [{ share, answer: { data: { _entities: [{}, {}] }, errors } }]);
    expect(joined.errors).toEqual([
      {
        message: 'no fan',
        path: ['_entities', 4, 'sensors', 3, 'fan'],
        extensions: { code: 'BROKEN', region: 'r1' },
      },
    ]);
  });

  it('puts an error without a path at the first entity of its region', () => {
    const joined = joinShares(5, [{ share: aShare(), answer: { data: null, errors: [{ message: 'syntax' }] } }]);
    expect(joined).toEqual({
      data: { _entities: [null, null, null, null, null] },
      errors: [{ message: 'syntax', path: ['_entities', 1], extensions: { region: 'r1' } }],
    });
  });
});

describe('the share of a region that gave no answer', () => {
  const error = { message: 'gone', extensions: { code: 'REGION_UNREACHABLE', region: 'r1' } };

  it('is one error for each field, at the first entity that misses it, with their number', () => {
    const answer = missingShare(aShare(), error, () => ['cpu', 'memory']);
    expect(answer.data).toEqual({ _entities: [null, null] });
    expect(answer.errors).toEqual(
      ['cpu', 'memory'].map(field => ({
        message: 'gone',
        path: ['_entities', 0, field],
        extensions: { code: 'REGION_UNREACHABLE', region: 'r1', count: 2 },
      })),
    );
  });

  it('counts each type for itself, and names no count where it is one', () => {
    const share = aShare({
      representations: [
        { __typename: 'Host', id: 'r1/h1' },
        { __typename: 'Region', id: 'r1' },
        { __typename: 'Host', id: 'r1/h2' },
      ],
      indexes: [0, 1, 2],
    });
    const { errors } = missingShare(share, error, typename => (typename === 'Host' ? ['cpu'] : ['hosts']));
    expect(errors?.map(({ path, extensions }) => [path, extensions?.['count']])).toEqual([
      [['_entities', 0, 'cpu'], 2],
      [['_entities', 1, 'hosts'], undefined],
    ]);
  });
});
