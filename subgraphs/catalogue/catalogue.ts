// The alarm and log definitions that the product knows: StarlingX's, as data, the same in every region and in the centre.
// Looked up by alarmId; alarms whose id is not in it are taken too.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../schema/sources.ts';

export type Severity = 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];

export const isWorse = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);

const Threshold = z.enum(['critical', 'major', 'minor', 'warning', 'none']).nullish();

const LowerSeverity = z
  .enum(['critical', 'major', 'minor', 'warning'])
  .transform(text => text.toUpperCase() as Severity);

const Entry = z.object({
  alarm_id: z.string(),
  kind: z.enum(['alarm', 'log']),
  title: z.string(),
  severities: z.array(LowerSeverity),
  entity_type: z.union([z.string().transform(type => [type]), z.array(z.string())]),
  /** Several where StarlingX lets the raiser choose: the first stands for them. */
  alarm_type: z.union([z.string(), z.array(z.string()).transform(types => types[0])]).nullish(),
  probable_cause: z.string().nullish(),
  /** By severity in lower case where it depends on that. */
  service_affecting: z.union([z.boolean(), z.record(z.string(), z.boolean())]).nullish(),
  management_affecting_threshold: Threshold,
  degrade_affecting_threshold: Threshold,
  suppression_allowed: z.boolean().nullish(),
  inhibit: z.boolean().nullish(),
});

type CatalogueEntry = z.output<typeof Entry>;

/** What the catalogue says of an alarmId, whatever the severity. Of a log it knows no thresholds and no suppression. */
export interface AlarmDefinition {
  readonly alarmId: string;
  readonly kind: AlarmDefinitionKind;
  readonly title: string;
  /** Worst first. */
  readonly severities: readonly Severity[];
  readonly entityTypes: readonly string[];
  readonly alarmType: string | null;
  readonly probableCause: string | null;
  readonly proposedRepairAction: string | null;
  /** At one of its severities at least. */
  readonly serviceAffecting: boolean | null;
  readonly managementAffectingFrom: Severity | null;
  readonly degradeAffectingFrom: Severity | null;
  readonly suppressible: boolean | null;
  readonly inhibits: boolean | null;
}

export type AlarmDefinitionKind = 'ALARM' | 'LOG';

/** What the catalogue says of an alarm of this severity; all null outside the catalogue. */
export interface CatalogueFacts {
  readonly title: string | null;
  readonly alarmType: string | null;
  readonly probableCause: string | null;
  readonly proposedRepairAction: string | null;
  readonly serviceAffecting: boolean | null;
  readonly managementAffecting: boolean | null;
  readonly degradeAffecting: boolean | null;
}

export interface Catalogue {
  /** By alarmId. */
  readonly definitions: readonly AlarmDefinition[];
  has(alarmId: string): boolean;
  find(alarmId: string): AlarmDefinition | null;
  facts(alarmId: string, severity: Severity): CatalogueFacts;
}

const NOTHING: CatalogueFacts = {
  title: null,
  alarmType: null,
  probableCause: null,
  proposedRepairAction: null,
  serviceAffecting: null,
  managementAffecting: null,
  degradeAffecting: null,
};

const FOLDER = path.join(packageRoot, 'subgraphs', 'catalogue');

const readData = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));

export function readCatalogue(): Catalogue {
  const entries = z.array(Entry).parse(readData('alarm-catalogue.json'));
  const repairActions = z.record(z.string(), z.string()).parse(readData('repair-actions.json'));
  const byId = new Map(entries.map(entry => [entry.alarm_id, entry]));
  const definitions = entries
    .map(entry => definitionOf(entry, repairActions[entry.alarm_id] ?? null))
    .sort((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
  const definitionById = new Map(definitions.map(definition => [definition.alarmId, definition]));
  return {
    definitions,
    has: alarmId => byId.has(alarmId),
    find: alarmId => definitionById.get(alarmId) ?? null,
    facts: (alarmId, severity) => {
      const entry = byId.get(alarmId);
      return entry ? factsOf(entry, severity, repairActions[alarmId] ?? null) : NOTHING;
    },
  };
}

function definitionOf(entry: CatalogueEntry, proposedRepairAction: string | null): AlarmDefinition {
  return {
    alarmId: entry.alarm_id,
    kind: entry.kind === 'alarm' ? 'ALARM' : 'LOG',
    title: entry.title,
    severities: SEVERITIES.filter(severity => entry.severities.includes(severity)),
    entityTypes: entry.entity_type,
    alarmType: entry.alarm_type ?? null,
    probableCause: entry.probable_cause ?? null,
    proposedRepairAction,
    serviceAffecting: affectsService(entry.service_affecting),
    managementAffectingFrom: thresholdOf(entry.management_affecting_threshold),
    degradeAffectingFrom: thresholdOf(entry.degrade_affecting_threshold),
    suppressible: entry.suppression_allowed ?? null,
    inhibits: entry.inhibit ?? null,
  };
}

function factsOf(definition: CatalogueEntry, severity: Severity, proposedRepairAction: string | null): CatalogueFacts {
  return {
    title: definition.title,
    alarmType: definition.alarm_type ?? null,
    probableCause: definition.probable_cause ?? null,
    proposedRepairAction,
    serviceAffecting: serviceAffecting(definition, severity),
    managementAffecting: reaches(severity, definition.management_affecting_threshold),
    degradeAffecting: reaches(severity, definition.degrade_affecting_threshold),
  };
}

function serviceAffecting({ service_affecting }: CatalogueEntry, severity: Severity): boolean | null {
  return typeof service_affecting === 'object'
    ? (service_affecting?.[severity.toLowerCase()] ?? null)
    : (service_affecting ?? null);
}

const affectsService = (flag: CatalogueEntry['service_affecting']): boolean | null =>
  typeof flag === 'object' && flag !== null ? Object.values(flag).includes(true) : (flag ?? null);

/** StarlingX: the flag is set from this severity upwards; `none` is never. */
function reaches(severity: Severity, threshold: string | null | undefined): boolean {
  const from = thresholdOf(threshold);
  return from !== null && !isWorse(from, severity);
}

const thresholdOf = (threshold: string | null | undefined): Severity | null =>
  threshold === undefined || threshold === null || threshold === 'none' ? null : (threshold.toUpperCase() as Severity);
