// The catalogue as data of the product: complete, in order, and the same in a list as in an alarm.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue, SEVERITIES } from '../../../subgraphs/catalogue/catalogue.ts';
import { listDefinitions } from '../../../subgraphs/catalogue/catalogue-list.ts';

const catalogue = readCatalogue();
const { definitions } = catalogue;
const idsOf = (list: readonly { readonly alarmId: string }[]): string[] => list.map(({ alarmId }) => alarmId);

test('has every definition once, by alarmId', () => {
  expect(idsOf(definitions)).toEqual([...new Set(idsOf(definitions))].sort());
  const kinds = definitions.map(({ kind }) => kind);
  expect([kinds.filter(kind => kind === 'ALARM').length, kinds.filter(kind => kind === 'LOG').length]).toEqual([
    135, 196,
  ]);
  expect(definitions.filter(({ proposedRepairAction }) => proposedRepairAction !== null)).toHaveLength(78);
});

test('says of an alarm at each severity what its definition says', () => {
  const reaches = (severity: string, from: string | null) =>
    from !== null && SEVERITIES.indexOf(severity as 'MAJOR') <= SEVERITIES.indexOf(from as 'MAJOR');
  for (const definition of definitions)
    for (const severity of SEVERITIES)
      expect(catalogue.facts(definition.alarmId, severity), definition.alarmId).toMatchObject({
        title: definition.title,
        alarmType: definition.alarmType,
        probableCause: definition.probableCause,
        proposedRepairAction: definition.proposedRepairAction,
        managementAffecting: reaches(severity, definition.managementAffectingFrom),
        degradeAffecting: reaches(severity, definition.degradeAffectingFrom),
      });
});

test('has one alarm that masks others: the locked host', () => {
  expect(idsOf(definitions.filter(({ inhibits }) => inhibits))).toEqual(['200.001']);
});

test('knows its own ids only', () => {
  expect(catalogue.has('100.101')).toBe(true);
  expect(catalogue.has('990.281')).toBe(false);
  for (const definition of definitions) expect(catalogue.find(definition.alarmId)).toBe(definition);
  expect(catalogue.find('990.281')).toBeNull();
});

describe('a page', () => {
  const page = (first: number, after?: string) => ({ first, after: after === undefined ? null : [after] });

  test('after page of any size, the list is whole and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), first => {
        const seen: string[] = [];
        for (let more = true; more; ) {
          const { found, totalCount } = listDefinitions(catalogue, {}, page(first, seen.at(-1)));
          expect(totalCount).toBe(definitions.length);
          seen.push(...idsOf(found.slice(0, first)));
          more = found.length > first;
        }
        expect(seen).toEqual(idsOf(definitions));
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [{ alarmIds: ['200.001', '999.999'] }, ['200.001']],
    [{ alarmIds: [] }, []],
    [{ kinds: ['LOG' as const], alarmIds: ['100.101', '900.001'] }, []],
    [{ text: 'platform CPU usage' }, ['100.101']],
    [{ text: 'filesystem=<MOUNT-dir>' }, ['100.104']],
    [{ text: '.104', kinds: ['ALARM' as const] }, ['100.104']],
  ])('with %j holds %j', (filter, ids) => {
    expect(idsOf(listDefinitions(catalogue, filter, page(500)).found)).toEqual(expect.arrayContaining(ids));
    if (ids.length === 0) expect(listDefinitions(catalogue, filter, page(500)).totalCount).toBe(0);
  });
});
