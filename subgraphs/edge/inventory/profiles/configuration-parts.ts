// The parts of a configuration that a host takes, or not, each by itself: a node's CPUs or memory, an interface, a partition,
// a disk. Pure.
import { NOTHING, type NodalConfiguration } from './nodal-configuration.ts';

type Section = keyof NodalConfiguration;
type ItemOf<S extends Section> = NodalConfiguration[S][number];

/** As paths begin: `memory[0]`, `interfaces[data0]`, `partitions[/dev/sdb data]`. */
export const PART_NAMES: { readonly [S in Section]: (item: ItemOf<S>) => string } = {
  cpu: ({ node }) => `cpu[${node}]`,
  memory: ({ node }) => `memory[${node}]`,
  interfaces: ({ name }) => `interfaces[${name}]`,
  partitions: ({ disk, name }) => `partitions[${disk} ${name}]`,
  storage: ({ disk }) => `storage[${disk}]`,
};

export const partsOf = (configuration: NodalConfiguration): string[] =>
  (Object.keys(PART_NAMES) as Section[]).flatMap(section =>
    (configuration[section] as readonly ItemOf<Section>[]).map(
      PART_NAMES[section] as (item: ItemOf<Section>) => string,
    ),
  );

/** What is in effect when all of `wanted` was taken but these parts, which are as they were. */
export function takenOf(
  wanted: NodalConfiguration,
  before: NodalConfiguration | null,
  untaken: ReadonlySet<string>,
): NodalConfiguration {
  const section = <S extends Section>(name: S): readonly ItemOf<S>[] => {
    const partOf = PART_NAMES[name] as (item: ItemOf<S>) => string;
    const isUntaken = (item: ItemOf<S>): boolean => untaken.has(partOf(item));
    const [now, then] = [wanted[name], (before ?? NOTHING)[name]] as readonly (readonly ItemOf<S>[])[];
    return [...now!.filter(item => !isUntaken(item)), ...then!.filter(isUntaken)];
  };
  return {
    cpu: section('cpu'),
    memory: section('memory'),
    interfaces: section('interfaces'),
    partitions: section('partitions'),
    storage: section('storage'),
  };
}
