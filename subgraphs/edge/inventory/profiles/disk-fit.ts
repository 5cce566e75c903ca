// Whether a host's disks have room for the partitions of a configuration, and may be given to storage. Pure.
import type { Disk, Hardware } from '../hardware/hardware.ts';
import type { Fault, PartitionConfiguration, StorageAssignment } from './nodal-configuration.ts';

/** At the start for the partition table, and at the end for its copy. */
const TABLE_MIB = 2;
/** StarlingX's default size of the journal of one OSD. */
const JOURNAL_MIB = 1_024;

const findDisk = ({ disks }: Hardware, node: string): Disk | undefined =>
  disks.find(({ deviceNode }) => deviceNode === node);

const noDisk = ({ disks }: Hardware, node: string): string =>
  `The host has no disk ${node}; it has ${disks.map(({ deviceNode }) => deviceNode).join(', ') || 'none'}.`;

export function partitionMisfits(wanted: readonly PartitionConfiguration[], hardware: Hardware): Fault[] {
  const left = new Map<string, number>();
  return wanted.flatMap(({ disk: node, name, sizeMiB }, i): Fault[] => {
    const disk = findDisk(hardware, node);
    if (!disk) return [{ path: [i, 'disk'], message: noDisk(hardware, node) }];
    if (!disk.partitions) return [{ path: [i, 'disk'], message: `The host's agent does not tell what is on ${node}.` }];
    const there = disk.partitions.find(partition => partition.name === name);
    if (there && there.sizeMiB === sizeMiB) return []; // made before
    if (there) return [{ path: [i, 'sizeMiB'], message: `${name} is on ${node} already, with ${there.sizeMiB} MiB.` }];
    if (volumesOn(hardware, disk).includes(node))
      return [{ path: [i, 'disk'], message: `${node} as a whole is a physical volume.` }];
    const free = left.get(node) ?? freeMiB(disk);
    if (sizeMiB > free)
      return [{ path: [i, 'sizeMiB'], message: `${node} has ${free} MiB left; ${sizeMiB} are wanted.` }];
    left.set(node, free - sizeMiB);
    return [];
  });
}

const freeMiB = ({ sizeMiB, partitions }: Disk): number =>
  Math.max(0, sizeMiB - TABLE_MIB - (partitions ?? []).reduce((sum, partition) => sum + partition.sizeMiB, 0));

interface Stored {
  readonly hardware: Hardware;
  readonly rootDevice: string | null;
  readonly storageInUse: readonly StorageAssignment[];
}

export function storageMisfits(
  wanted: readonly StorageAssignment[],
  { hardware, rootDevice, storageInUse }: Stored,
): Fault[] {
  return wanted.flatMap((assignment, i): Fault[] => {
    const disk = findDisk(hardware, assignment.disk);
    if (!disk) return [{ path: [i, 'disk'], message: noDisk(hardware, assignment.disk) }];
    const isOurs = storageInUse.some(used => used.disk === disk.deviceNode && used.function === assignment.function);
    const reason = isOurs ? null : whyNotWhole(disk, hardware, rootDevice);
    if (reason) return [{ path: [i, 'disk'], message: reason }];
    return assignment.function === 'JOURNAL' ? journalMisfits(wanted, disk, i) : [];
  });
}

/** Why the disk cannot be given away as a whole; null when it can. */
function whyNotWhole(disk: Disk, hardware: Hardware, rootDevice: string | null): string | null {
  const { deviceNode, partitions } = disk;
  if (isRoot(disk, hardware, rootDevice)) return `${deviceNode} is the root disk.`;
  if (!partitions) return `The host's agent does not tell what is on ${deviceNode}.`;
  if (volumesOn(hardware, disk).length > 0) return `${deviceNode} belongs to a volume group.`;
  if (partitions.length > 0) return `${deviceNode} has ${partitions.length} partitions: remove them first.`;
  return null;
}

/** Where the root file system is; while no agent says, where the installation would put it, and any only disk. */
const isRoot = ({ deviceNode, holdsRoot }: Disk, { disks }: Hardware, rootDevice: string | null): boolean =>
  holdsRoot === true || deviceNode === rootDevice || disks.length === 1;

/** Physical volumes on the disk or on one of its partitions, by node. */
const volumesOn = ({ volumeGroups }: Hardware, { deviceNode, partitions }: Disk): string[] => {
  const nodes = new Set([deviceNode, ...(partitions ?? []).map(partition => partition.deviceNode)]);
  return (volumeGroups ?? [])
    .flatMap(group => group.physicalVolumes.map(({ name }) => name))
    .filter(name => nodes.has(name));
};

function journalMisfits(wanted: readonly StorageAssignment[], { deviceNode, kind, sizeMiB }: Disk, i: number): Fault[] {
  if (kind !== 'SSD' && kind !== 'NVME')
    return [{ path: [i, 'disk'], message: `${deviceNode} is ${kind}: journals go on an SSD or NVMe disk.` }];
  const journals = wanted.filter(({ journal }) => journal === deviceNode).length;
  const needed = journals * JOURNAL_MIB;
  return needed <= sizeMiB
    ? []
    : [{ path: [i, 'disk'], message: `${deviceNode} has ${sizeMiB} MiB; ${journals} journals need ${needed}.` }];
}
