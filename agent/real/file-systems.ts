// How full the file systems on this machine's disks are: one entry a disk file system, however often it is mounted.
import si from 'systeminformation';
import { percent } from '../graphql-int.ts';

type Mounted = Pick<si.Systeminformation.FsSizeData, 'fs' | 'type' | 'size' | 'used' | 'available' | 'mount'>;

export interface FileSystemUsage {
  readonly mount: string;
  readonly usedPercent: number;
}

/** What holds files on a disk of this machine. Images (squashfs, iso9660), memory and network file systems are not here. */
const ON_DISK = new Set(
  'apfs bcachefs btrfs exfat ext2 ext3 ext4 f2fs fuseblk hfs jfs msdos nilfs2 ntfs ntfs3 refs reiserfs ufs vfat xfs zfs'.split(
    ' ',
  ),
);
const OVERLAY = 'overlay';

export async function readFileSystems(): Promise<FileSystemUsage[]> {
  return toFileSystems(await si.fsSize());
}

export function toFileSystems(mounted: readonly Mounted[]): FileSystemUsage[] {
  const groups = new Map<string, Mounted>();
  const offer = (device: string, entry: Mounted) => {
    const best = groups.get(device);
    // the shortest mount is the real one; bind mounts and containers lie deeper
    if (!best || entry.mount.length < best.mount.length) groups.set(device, entry);
  };
  const sized = mounted.filter(entry => entry.size > 0);
  const disks = sized.filter(entry => ON_DISK.has(entry.type.toLowerCase()));
  for (const entry of disks) offer(entry.fs, entry);
  for (const entry of sized.filter(({ type }) => type === OVERLAY)) offer(deviceBelow(entry, disks), entry);
  return [...groups.values()].map(toUsage).sort((a, b) => (a.mount < b.mount ? -1 : 1));
}

/** An overlay shows the size of the disk below it; without one in sight, equal overlays share an unseen disk. */
const deviceBelow = (overlay: Mounted, disks: readonly Mounted[]): string =>
  disks.find(disk => disk.size === overlay.size)?.fs ?? `${OVERLAY} of ${overlay.size}`;

/** As df counts: the blocks kept for root are neither used nor free. */
function toUsage({ mount, used, available }: Mounted): FileSystemUsage {
  const room = used + available;
  return { mount, usedPercent: room > 0 ? percent((100 * used) / room) : 100 };
}
