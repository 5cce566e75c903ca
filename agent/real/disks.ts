// Whole disks, from systeminformation, with their partitions from /sys. No devices that are memory or a file in disguise.
import si from 'systeminformation';
import { mebibytes } from '../graphql-int.ts';
import type { DiskKind, DiskReport } from '../report.ts';
import { knownText } from './known-text.ts';
import { readMountPoints, readPartitions, readRootDisks } from './partitions.ts';

type Block = Pick<si.Systeminformation.BlockDevicesData, 'name' | 'type' | 'size' | 'physical' | 'model' | 'serial'>;
type Layout = Pick<si.Systeminformation.DiskLayoutData, 'device' | 'type' | 'name' | 'serialNum'>;

const NOT_A_DISK = /^(loop|ram|zram|nbd|sr|fd)\d*/;
/** Virtio and Xen disks: the kernel's "rotational" flag says nothing about what lies below. */
const VIRTUAL_DISK = /^(vd|xvd)[a-z]+$/;

/** What the library says of a disk. */
export type WholeDisk = Omit<DiskReport, 'holdsRoot' | 'partitions'>;

export async function readDisks({ sys, proc }: { readonly sys: string; readonly proc: string }): Promise<DiskReport[]> {
  const [blocks, layout, mounts, roots] = await Promise.all([
    si.blockDevices(),
    si.diskLayout(),
    readMountPoints(proc),
    readRootDisks(sys, proc),
  ]);
  return Promise.all(
    toDisks(blocks, layout).map(async disk => {
      const name = disk.deviceNode.slice('/dev/'.length);
      const holdsRoot = roots === null ? null : roots.has(name);
      return { ...disk, holdsRoot, partitions: await readPartitions(sys, name, mounts) };
    }),
  );
}

export function toDisks(blocks: readonly Block[], layout: readonly Layout[]): WholeDisk[] {
  return blocks.filter(isDisk).map(block => {
    const deviceNode = block.name.startsWith('/dev/') ? block.name : `/dev/${block.name}`;
    const detail = layout.find(disk => disk.device === deviceNode);
    return {
      deviceNode,
      kind: kindOf(block, detail),
      sizeMiB: mebibytes(block.size),
      model: knownText(detail?.name) ?? knownText(block.model),
      serialNumber: knownText(detail?.serialNum) ?? knownText(block.serial),
    };
  });
}

const isDisk = ({ name, type, size }: Block): boolean => type === 'disk' && size > 0 && !NOT_A_DISK.test(name);

function kindOf({ name, physical }: Block, detail: Layout | undefined): DiskKind {
  if (VIRTUAL_DISK.test(name)) return 'UNDETERMINED';
  if (name.startsWith('nvme') || detail?.type === 'NVMe') return 'NVME';
  if (detail?.type === 'SSD' || physical === 'SSD') return 'SSD';
  return detail?.type === 'HD' || physical === 'HDD' ? 'HDD' : 'UNDETERMINED';
}
