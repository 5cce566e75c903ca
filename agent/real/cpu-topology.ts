// Sockets, cores and threads as the machine tells them, from systeminformation and /sys.
import os from 'node:os';
import si from 'systeminformation';
import { graphqlInt } from '../graphql-int.ts';
import type { CpuReport } from '../report.ts';
import { readNumber } from './files.ts';

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
  };
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
