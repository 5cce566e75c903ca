// The CPUs of a simulated host, one by one, and the readings that come with them.
import type { CpuReport, LogicalCpuReport, SensorReport } from '../report.ts';
import { chanceAt } from './random.ts';
import type { HostSlot } from './region-plan.ts';

/** Cores that StarlingX keeps for itself on the first socket of a host that runs workloads. */
const PLATFORM_CORES = 2;

/** Numbered as Linux does: the first thread of every core, socket by socket, then the second ones. */
export function buildLogicalCpus(cpu: Omit<CpuReport, 'logicalCpus'>, slot: HostSlot): LogicalCpuReport[] {
  const perSocket = cpu.cores / cpu.sockets;
  return Array.from({ length: cpu.threads }, (_, number) => {
    const place = number % cpu.cores;
    const socket = Math.floor(place / perSocket);
    const core = place % perSocket;
    const isPlatform = !slot.runsWorkloads || (socket === 0 && core < PLATFORM_CORES);
    return {
      number,
      socket,
      core,
      thread: Math.floor(number / cpu.cores),
      numaNode: socket,
      function: isPlatform ? 'PLATFORM' : 'APPLICATION',
    };
  });
}

/** `key` decides how warm it is where the host stands. */
export function buildSensors(key: string, sockets: number): SensorReport[] {
  const around = (name: string, middle: number) => Math.round(middle * (0.9 + 0.2 * chanceAt(`${key}/${name}`)));
  const cpus = Array.from({ length: sockets }, (_, socket) => `coretemp Package id ${socket}`);
  return [
    ...cpus.map(name => ({ name, kind: 'TEMPERATURE' as const, value: around(name, 54) })),
    { name: 'nvme Composite', kind: 'TEMPERATURE', value: around('nvme', 38) },
    { name: 'system Fan1', kind: 'FAN', value: around('fan', 8_400) },
    { name: 'system Power', kind: 'POWER', value: around('power', 140 + 130 * sockets) },
  ];
}
