// The alarm definitions that the product knows: StarlingX's, as data. Looked up by alarmId; ids outside it are taken too.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../../../schema/sources.ts';

export type Severity = 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];

export const isWorse = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);

const Threshold = z.enum(['critical', 'major', 'minor', 'warning', 'none']).nullish();

const Definition = z.object({
  alarm_id: z.string(),
  kind: z.enum(['alarm', 'log']),
  title: z.string(),
  /** Several where StarlingX lets the raiser choose: the first stands for them. */
  alarm_type: z.union([z.string(), z.array(z.string()).transform(types => types[0])]).nullish(),
  probable_cause: z.string().nullish(),
  /** By severity in lower case where it depends on that. */
  service_affecting: z.union([z.boolean(), z.record(z.string(), z.boolean())]).nullish(),
  management_affecting_threshold: Threshold,
  degrade_affecting_threshold: Threshold,
});

export type AlarmDefinition = z.output<typeof Definition>;

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
  readonly size: number;
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

const FOLDER = path.join(packageRoot, 'subgraphs', 'edge', 'faults', 'catalogue');

const readData = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));

export function readCatalogue(): Catalogue {
  const definitions = z.array(Definition).parse(readData('alarm-catalogue.json'));
  const repairActions = z.record(z.string(), z.string()).parse(readData('repair-actions.json'));
  const byId = new Map(definitions.map(definition => [definition.alarm_id, definition]));
  return {
    size: byId.size,
    facts: (alarmId, severity) => {
      const definition = byId.get(alarmId);
      return definition ? factsOf(definition, severity, repairActions[alarmId] ?? null) : NOTHING;
    },
  };
}

function factsOf(definition: AlarmDefinition, severity: Severity, proposedRepairAction: string | null): CatalogueFacts {
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

function serviceAffecting({ service_affecting }: AlarmDefinition, severity: Severity): boolean | null {
  return typeof service_affecting === 'object'
    ? (service_affecting?.[severity.toLowerCase()] ?? null)
    : (service_affecting ?? null);
}

/** StarlingX: the flag is set from this severity upwards; `none` is never. */
function reaches(severity: Severity, threshold: string | null | undefined): boolean {
  if (threshold === undefined || threshold === null || threshold === 'none') return false;
  return !isWorse(threshold.toUpperCase() as Severity, severity);
}
