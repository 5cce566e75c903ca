// The catalogue as a list: filtered and paged in memory, by alarmId. Pure; knows no GraphQL.
import type { AlarmDefinition, AlarmDefinitionKind, Catalogue } from './catalogue.ts';

export interface AlarmCatalogueFilter {
  readonly alarmIds?: readonly string[] | null;
  readonly kinds?: readonly AlarmDefinitionKind[] | null;
  readonly text?: string | null;
}

export interface DefinitionList {
  /** The page and, when there is one, the definition after it. */
  readonly found: readonly AlarmDefinition[];
  readonly totalCount: number;
}

export function listDefinitions(
  { definitions }: Pick<Catalogue, 'definitions'>,
  filter: AlarmCatalogueFilter,
  page: { readonly first: number; readonly after: readonly string[] | null },
): DefinitionList {
  const after = page.after?.[0];
  const matching = definitions.filter(definition => matches(definition, filter));
  const rest = after === undefined ? matching : matching.filter(definition => definition.alarmId > after);
  return { found: rest.slice(0, page.first + 1), totalCount: matching.length };
}

/** What `Alarm.catalogued` answers, wherever the alarm was read. */
export const catalogued =
  (catalogue: Pick<Catalogue, 'has'>) =>
  ({ alarmId }: { readonly alarmId: string }): boolean =>
    catalogue.has(alarmId);

function matches(definition: AlarmDefinition, { alarmIds, kinds, text }: AlarmCatalogueFilter): boolean {
  if (alarmIds && !alarmIds.includes(definition.alarmId)) return false;
  if (kinds && !kinds.includes(definition.kind)) return false;
  return !text || wordsOf(definition).some(words => words.toLowerCase().includes(text.toLowerCase()));
}

const wordsOf = ({ alarmId, title, proposedRepairAction, entityTypes }: AlarmDefinition): string[] => [
  alarmId,
  title,
  proposedRepairAction ?? '',
  ...entityTypes,
];
