// What a configuration changes, told path by path. Pure.
import type { Hardware } from '../hardware/hardware.ts';
import type { Label } from '../hosts/host.ts';
import { PART_NAMES } from './configuration-parts.ts';
import type { NodalConfiguration } from './nodal-configuration.ts';

export interface ConfigurationChange {
  /** `interfaces[data0].vlanId` */
  readonly path: string;
  /** Null for what was not said before. */
  readonly from: string | null;
  /** Null for what is no longer said. */
  readonly to: string | null;
}

type Paths = ReadonlyMap<string, string | null>;

/** From what is in effect to what is wanted. What was never configured comes from the hardware, as far as that shows it. */
export function diffConfiguration(
  applied: NodalConfiguration,
  wanted: NodalConfiguration,
  hardware: Hardware | null,
): ConfigurationChange[] {
  const found = foundIn(hardware);
  return diffPaths(pathsOf(applied), pathsOf(wanted), path => found.get(path) ?? null);
}

export const diffLabels = (before: readonly Label[], after: readonly Label[]): ConfigurationChange[] =>
  diffPaths(labelPaths(before), labelPaths(after), () => null);

const labelPaths = (labels: readonly Label[]): Paths =>
  new Map(labels.map(({ key, value }) => [`labels[${key}]`, value]));

function diffPaths(before: Paths, after: Paths, otherwise: (path: string) => string | null): ConfigurationChange[] {
  const changes = [...new Set([...after.keys(), ...before.keys()])].map(path => ({
    path,
    from: before.get(path) ?? otherwise(path),
    to: after.get(path) ?? null,
  }));
  return changes.filter(({ from, to }) => from !== to);
}

function pathsOf({ cpu, memory, interfaces, partitions, storage }: NodalConfiguration): Paths {
  return new Map([
    ...cpu.flatMap(item => under(PART_NAMES.cpu(item), without(item, 'node'))),
    ...memory.flatMap(item => under(PART_NAMES.memory(item), without(item, 'node'))),
    ...interfaces.flatMap(item => under(PART_NAMES.interfaces(item), without(item, 'name'))),
    ...partitions.flatMap(item => under(PART_NAMES.partitions(item), without(item, 'disk', 'name'))),
    ...storage.flatMap(item => under(PART_NAMES.storage(item), without(item, 'disk'))),
  ]);
}

/** What the name of the part says already. */
const without = (item: object, ...fields: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(item).filter(([field]) => !fields.includes(field)));

/** By name: the database keeps no order of fields. */
const under = (path: string, fields: Readonly<Record<string, unknown>>): [string, string | null][] =>
  Object.keys(fields)
    .sort()
    .map(field => [`${path}.${field}`, told(fields[field])]);

function told(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.join(', ') || null : String(value);
}

const FIELD_OF_PAGES: Readonly<Record<number, string>> = { 2048: 'hugePages2M', 1048576: 'hugePages1G' };

const foundIn = (hardware: Hardware | null): Paths =>
  new Map(
    hardware?.memory.flatMap(({ node, hugePages }) =>
      hugePages.map(({ pageSizeKiB, total }) => [`memory[${node}].${FIELD_OF_PAGES[pageSizeKiB]}`, String(total)]),
    ),
  );
