// The disks of a simulated host, with the partitions and the volume group that StarlingX makes on the first.
import type { DiskReport, PartitionReport, VolumeGroupReport } from '../report.ts';
import type { Random } from './random.ts';
import type { HostSlot } from './region-plan.ts';
import { STORAGE_DISKS, SYSTEM_DISKS } from './server-models.ts';

const BOOT_DISK = '/dev/nvme0n1';
const LOGICAL_VOLUMES = [
  ['docker-lv', 30_720],
  ['kubelet-lv', 10_240],
  ['log-lv', 8_192],
  ['scratch-lv', 16_384],
] as const;

export function buildDisks(random: Random, slot: HostSlot, serial: (random: Random) => string): DiskReport[] {
  const system = random.pick(SYSTEM_DISKS);
  const boot: DiskReport = {
    ...{ deviceNode: BOOT_DISK, kind: 'NVME', ...system, serialNumber: serial(random) },
    holdsRoot: true,
    partitions: partitionsOf(system.sizeMiB),
  };
  if (slot.personality !== 'STORAGE') return [boot];
  const model = random.pick(STORAGE_DISKS);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].slice(0, random.int(4, 8));
  const data = names.map(name => ({ deviceNode: `/dev/sd${name}`, ...model, serialNumber: serial(random) }));
  return [boot, ...data.map(disk => ({ ...disk, holdsRoot: false, partitions: [] }))];
}

/** Half of the disk is the platform's; the rest is left for what operators make of it. */
function partitionsOf(diskMiB: number): PartitionReport[] {
  const sizes: readonly (readonly [string, number, string | null])[] = [
    ['EFI System', 300, '/boot/efi'],
    ['boot', 2_048, '/boot'],
    ['root', 20_480, '/'],
    ['cgts-vg', Math.floor(diskMiB / 2) - 22_829, null],
  ];
  let startMiB = 1;
  return sizes.map(([name, sizeMiB, mountPoint], i) => {
    const partition = { deviceNode: `${BOOT_DISK}p${i + 1}`, startMiB, sizeMiB, name, mountPoint };
    startMiB += sizeMiB;
    return partition;
  });
}

export function buildVolumeGroups([boot]: readonly DiskReport[]): VolumeGroupReport[] {
  const below = boot?.partitions.find(({ name }) => name === 'cgts-vg');
  if (!below) return [];
  const logicalVolumes = LOGICAL_VOLUMES.map(([name, sizeMiB]) => ({ name, sizeMiB }));
  const freeMiB = below.sizeMiB - logicalVolumes.reduce((sum, volume) => sum + volume.sizeMiB, 0);
  const physicalVolumes = [{ name: below.deviceNode, sizeMiB: below.sizeMiB }];
  return [{ name: 'cgts-vg', sizeMiB: below.sizeMiB, freeMiB, physicalVolumes, logicalVolumes }];
}
