// Share of the CPUs' time in use since the last sample. One meter per reader: systeminformation keeps its last sample in
// the module, so that heartbeats and usage would shorten each other's interval.
import os from 'node:os';
import { percent } from '../graphql-int.ts';
import { readText } from './files.ts';

const SHORTEST_MS = 1_000; // a shorter interval measures the agent's own start

interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

export interface CpuMeter {
  /** Null until there is an interval to speak of; after that never older than the last one. */
  sample(): Promise<number | null>;
}

export function createCpuMeter(proc: string, now: () => number): CpuMeter {
  let from: { readonly times: CpuTimes; readonly at: number } | null = null;
  let last: number | null = null;
  return {
    async sample() {
      const at = now();
      if (from !== null && at - from.at < SHORTEST_MS) return last;
      const times = await readCpuTimes(proc);
      const total = from === null ? 0 : times.total - from.times.total;
      if (from !== null && total > 0) last = percent((100 * (times.busy - from.times.busy)) / total);
      from = { times, at };
      return last;
    },
  };
}

/** The first line of /proc/stat, which tells waiting for disks apart; elsewhere what Node knows. */
async function readCpuTimes(proc: string): Promise<CpuTimes> {
  const [label, ...fields] = (await readText(proc, 'stat'))?.split('\n')[0]?.split(/\s+/) ?? [];
  if (label !== 'cpu') return nodeCpuTimes();
  // user nice system idle iowait irq softirq steal; guest time is in user already
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields.map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, total: busy + idle + iowait };
}

function nodeCpuTimes(): CpuTimes {
  const times = os.cpus().map(cpu => cpu.times);
  const busy = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq, 0);
  return { busy, total: busy + times.reduce((sum, t) => sum + t.idle, 0) };
}
