// Partitions of disks from /sys/block, and which disks the root file system lies on, through LVM, RAID and encryption.
import path from 'node:path';
import { graphqlInt } from '../graphql-int.ts';
import type { PartitionReport } from '../report.ts';
import { listNames, readNumber, readText, resolveLink } from './files.ts';

const SECTORS_PER_MIB = 2_048; // the kernel counts in 512 bytes, whatever the disk does

/** Mount directories by device node, from /proc/mounts: the first of each. */
export async function readMountPoints(proc: string): Promise<ReadonlyMap<string, string>> {
  const lines = ((await readText(proc, 'mounts')) ?? '').split('\n').map(line => line.split(' '));
  return new Map(lines.reverse().flatMap(([device, at]) => (device?.startsWith('/dev/') && at ? [[device, at]] : [])));
}

/** `disk` is its name in /sys/block. */
export async function readPartitions(
  sys: string,
  disk: string,
  mounts: ReadonlyMap<string, string>,
): Promise<PartitionReport[]> {
  const folder = path.join(sys, 'block', disk);
  const names = (await listNames(folder)).filter(name => name.startsWith(disk));
  const partitions = await Promise.all(names.map(name => readPartition(path.join(folder, name), name, mounts)));
  return partitions.filter(partition => partition !== null);
}

async function readPartition(
  folder: string,
  name: string,
  mounts: ReadonlyMap<string, string>,
): Promise<PartitionReport | null> {
  if ((await readNumber(folder, 'partition')) === null) return null;
  const inMiB = async (file: string) => graphqlInt(((await readNumber(folder, file)) ?? 0) / SECTORS_PER_MIB);
  const deviceNode = `/dev/${name}`;
  return {
    deviceNode,
    startMiB: await inMiB('start'),
    sizeMiB: await inMiB('size'),
    name: (await readText(folder, 'uevent'))?.match(/^PARTNAME=(.+)$/m)?.[1] ?? null,
    mountPoint: mounts.get(deviceNode) ?? null,
  };
}

/** Names in /sys/block; null when the root file system lies on no device, as in a container. */
export async function readRootDisks(sys: string, proc: string): Promise<ReadonlySet<string> | null> {
  // `36 35 98:0 /mnt1 / rw,…`: the third field is the device, the fifth where it is mounted
  const mounts = ((await readText(proc, 'self/mountinfo')) ?? '').split('\n').map(line => line.split(' '));
  const root = mounts.findLast(fields => fields[4] === '/')?.[2];
  const device = root === undefined ? null : await resolveLink(sys, 'dev/block', root);
  return device === null ? null : new Set(await disksBelow(device));
}

const DEEPEST = 8; // RAID below encryption below LVM is three

async function disksBelow(device: string, depth = 0): Promise<string[]> {
  if (depth > DEEPEST) return [];
  if ((await readNumber(device, 'partition')) !== null) return disksBelow(path.dirname(device), depth + 1);
  const slaves = await listNames(device, 'slaves');
  if (slaves.length === 0) return [path.basename(device)];
  const below = await Promise.all(
    slaves.map(async name => {
      const slave = await resolveLink(device, 'slaves', name);
      return slave === null ? [] : disksBelow(slave, depth + 1);
    }),
  );
  return below.flat();
}
