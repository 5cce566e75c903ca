// Whether a host's hardware can do what a configuration asks, and what exactly it cannot. What its agent has not said
// counts as not there: a configuration is never accepted on a guess. Pure.
import type { Hardware } from '../hardware/hardware.ts';
import { cpuMisfits } from './cpu-fit.ts';
import { partitionMisfits, storageMisfits } from './disk-fit.ts';
import { interfaceMisfits } from './interface-fit.ts';
import { memoryMisfits } from './memory-fit.ts';
import { type Fault, faultsOf, type NodalConfiguration, type StorageAssignment } from './nodal-configuration.ts';

export interface FitHost {
  readonly hardware: Hardware;
  readonly managementMac: string | null;
  /** Where its installation puts the root file system; null when nobody has said. */
  readonly rootDevice: string | null;
  /** What its disks were given to already: that they are in use is no reason against it. */
  readonly storageInUse: readonly StorageAssignment[];
}

/** Paths begin with the section's name. */
export function misfits(configuration: NodalConfiguration, host: FitHost): Fault[] {
  const { hardware } = host;
  const sections: readonly [keyof NodalConfiguration, readonly Fault[]][] = [
    ['cpu', cpuMisfits(configuration.cpu, hardware)],
    ['memory', memoryMisfits(configuration.memory, hardware)],
    ['interfaces', interfaceMisfits(configuration.interfaces, host)],
    ['partitions', partitionMisfits(configuration.partitions, hardware)],
    ['storage', storageMisfits(configuration.storage, host)],
  ];
  return [
    ...faultsOf(configuration), // one that was put together of two profiles may be at odds with itself
    ...sections.flatMap(([section, faults]) =>
      faults.map(({ path, message }) => ({ path: [section, ...path], message })),
    ),
  ];
}
