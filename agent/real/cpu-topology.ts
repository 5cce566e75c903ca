// Sockets, cores, threads and NUMA nodes as the machine tells them, from systeminformation and /sys.
import os from 'node:os';
import path from 'node:path';
import si from 'systeminformation';
import { graphqlInt } from '../graphql-int.ts';
import type { CpuReport, LogicalCpuReport } from '../report.ts';
import { readCpuList } from './cpu-list.ts';
import { listNames, readNumber, readText } from './files.ts';

/** `sys` is `/sys`. */
export async function readCpu(sys: string): Promise<CpuReport> {
  const cpu = await si.cpu();
  const threads = atLeastOne(cpu.cores);
  const cores = Math.min(threads, atLeastOne(cpu.physicalCores));
  return {
    model: modelOf(cpu),
    sockets: atLeastOne(cpu.processors),
    cores,
    threads,
    smt: await readSmt(sys, threads > cores),
    architecture: architectureName(os.machine()),
    logicalCpus: await readLogicalCpus(sys),
  };
}

/** More a region does not take. */
const MOST_CPUS = 4_096;

/** The CPUs that are online; none where there is no /sys. */
export async function readLogicalCpus(sys: string): Promise<LogicalCpuReport[]> {
  const root = path.join(sys, 'devices/system/cpu');
  const isolated = new Set(readCpuList(await readText(root, 'isolated')));
  const numbers = readCpuList(await readText(root, 'online')).slice(0, MOST_CPUS);
  return Promise.all(
    numbers.map(async number => {
      const folder = path.join(root, `cpu${number}`);
      const siblings = readCpuList(await readText(folder, 'topology/thread_siblings_list'));
      return {
        number,
        socket: graphqlInt((await readNumber(folder, 'topology/physical_package_id')) ?? 0),
        core: graphqlInt((await readNumber(folder, 'topology/core_id')) ?? number),
        thread: Math.max(0, siblings.indexOf(number)),
        numaNode: await readNumaNode(folder),
        function: isolated.has(number) ? ('APPLICATION_ISOLATED' as const) : null, // of the others the kernel knows nothing
      };
    }),
  );
}

/** The kernel puts a link to the node beside the CPU's files. */
async function readNumaNode(folder: string): Promise<number | null> {
  const node = (await listNames(folder)).find(name => /^node\d+$/.test(name));
  return node === undefined ? null : graphqlInt(Number(node.slice('node'.length)));
}

export async function readSmt(sys: string, byCount: boolean): Promise<boolean> {
  const active = await readNumber(sys, 'devices/system/cpu/smt/active');
  return active === null ? byCount : active === 1;
}

/** macOS says arm64 for what Linux calls aarch64. */
export const architectureName = (machine: string): string => (machine === 'arm64' ? 'aarch64' : machine);

/** The CPU's own words; Arm machines leave that to the library's table. */
function modelOf(cpu: si.Systeminformation.CpuData): string {
  const own = os.cpus()[0]?.model.trim();
  if (own && own !== 'unknown') return own;
  return `${cpu.manufacturer} ${cpu.brand}`.trim() || 'unknown';
}

const atLeastOne = (count: number): number => Math.max(1, graphqlInt(count));
