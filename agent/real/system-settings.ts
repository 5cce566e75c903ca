// What a plain Linux takes without a boot and without programs: huge pages of each NUMA node and MTUs, by files of /sys.
// Writes only what differs, and looks whether it was taken.
import fs from 'node:fs/promises';
import path from 'node:path';
import { deviceOf, type InterfaceConfiguration, type MemoryAssignment, partNames } from '../configuration.ts';
import type { PartOutcome } from '../host-task.ts';
import { listNames, readNumber } from './files.ts';

export interface SystemSettings {
  /** `/sys` */
  readonly sys: string;
  /** Only root may write there. */
  readonly isRoot: boolean;
}

const DEVICE = /^[\w.:@-]{1,63}$/; // anything else could lead out of its folder

interface Setting {
  readonly file: string;
  readonly wanted: number;
  readonly now: number;
  readonly name: string;
}

/** Fewer pages first: what one size gives up another may take. */
export async function setHugePages(
  system: SystemSettings,
  memory: readonly MemoryAssignment[],
): Promise<PartOutcome[]> {
  const outcomes: PartOutcome[] = [];
  for (const assignment of memory) {
    const found = await pagesOf(system.sys, assignment);
    const refusal = typeof found === 'string' ? found : await setAll(system, found);
    outcomes.push({ part: partNames.memory(assignment), refusal });
  }
  return outcomes;
}

/** Why not, in words, for a node or a size of pages that is not there. */
async function pagesOf(sys: string, assignment: MemoryAssignment): Promise<readonly Setting[] | string> {
  const { node, hugePages2M, hugePages1G } = assignment;
  const ofNode = path.join(sys, `devices/system/node/node${node}/hugepages`);
  // a kernel without NUMA has one node and no folder of it
  const folder = (await listNames(ofNode)).length === 0 && node === 0 ? path.join(sys, 'kernel/mm/hugepages') : ofNode;
  const settings: Setting[] = [];
  for (const [sizeKiB, wanted] of [
    [2_048, hugePages2M],
    [1_048_576, hugePages1G],
  ] as const) {
    const file = path.join(folder, `hugepages-${sizeKiB}kB`, 'nr_hugepages');
    const now = await readNumber(file);
    if (now !== null) settings.push({ file, wanted, now, name: `huge pages of ${sizeKiB} KiB` });
    else if (wanted > 0) return `The machine has no huge pages of ${sizeKiB} KiB on node ${node}.`;
  }
  return settings.sort((a, b) => a.wanted - a.now - (b.wanted - b.now));
}

/** The refusal is null too where an interface that is not a port is not there: whoever makes it gives it its MTU. */
export async function setMtu(system: SystemSettings, wanted: InterfaceConfiguration): Promise<string | null> {
  const device = deviceOf(wanted);
  if (!DEVICE.test(device) || /^\.+$/.test(device)) return `${device} is no name of a port.`;
  const file = path.join(system.sys, 'class/net', device, 'mtu');
  const now = await readNumber(file);
  if (now === null) return wanted.type === 'ETHERNET' ? `The machine has no port ${device}.` : null;
  return setAll(system, [{ file, wanted: wanted.mtu, now, name: `the MTU of ${device}` }]);
}

async function setAll({ isRoot }: SystemSettings, settings: readonly Setting[]): Promise<string | null> {
  for (const { file, wanted, now, name } of settings) {
    if (now === wanted) continue;
    if (!isRoot) return `Its agent does not run as root, so it cannot set ${name}.`;
    try {
      await fs.writeFile(file, `${wanted}\n`);
    } catch (error) {
      return `The kernel refuses ${wanted} for ${name}: ${(error as NodeJS.ErrnoException).code ?? error}.`;
    }
    const taken = await readNumber(file);
    if (taken !== wanted) return `The kernel took ${taken} for ${name}, not ${wanted}.`;
  }
  return null;
}
