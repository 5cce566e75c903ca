// The very machine that the agent runs on, as a source of one host. Reads only; needs no root and no Linux.
import os from 'node:os';
import si from 'systeminformation';
import type { Config } from '../../runtime/config.ts';
import { graphqlInt, mebibytes, percent } from '../graphql-int.ts';
import type { HostSource } from '../host-source.ts';
import type { HostReport, Personality, PortReport, UsageSample, VitalsReport } from '../report.ts';
import { subfunctionsOf } from '../subfunctions.ts';
import { createCpuMeter } from './cpu-meter.ts';
import { readCpu } from './cpu-topology.ts';
import { readDevices } from './devices.ts';
import { readDisks } from './disks.ts';
import { readFileSystems } from './file-systems.ts';
import { planHostAction } from './host-actions.ts';
import { managementPort, readBootId, readDefaultRoutePort, readIdentity } from './identity.ts';
import { readInterfaces } from './interfaces.ts';
import { knownText } from './known-text.ts';
import { type LibraryPorts, readLibraryPorts } from './library-ports.ts';
import { readLldpNeighbours } from './lldp.ts';
import { readVolumeGroups } from './lvm.ts';
import { readNumaMemory } from './numa-memory.ts';
import { readOsRelease } from './os-release.ts';
import { checkPorts, type MachinePort, readAutoNegotiation, readPorts } from './ports.ts';
import { watchProcesses } from './process-watch.ts';
import { readSensors } from './sensors.ts';

/** Roots of the trees that describe a machine; tests point them at their own. */
export interface MachineRoots {
  readonly sys: string;
  readonly proc: string;
  readonly etc: string;
}

export interface RealSourceDeps {
  readonly personality: Personality;
  readonly now: () => number;
  readonly watch: Config['agent']['watch'];
  readonly roots?: MachineRoots;
  /** The region may boot the machine. */
  readonly hostActions?: boolean;
}

/** More a region does not take; a busy container host has hundreds of virtual ones, and they come last. */
const MOST_PORTS = 1_024;
const THIS_MACHINE: MachineRoots = { sys: '/sys', proc: '/proc', etc: '/etc' };

export function createRealSource({
  personality,
  now,
  watch,
  roots = THIS_MACHINE,
  hostActions = false,
}: RealSourceDeps): HostSource {
  const beatMeter = createCpuMeter(roots.proc, now);
  const usageMeter = createCpuMeter(roots.proc, now);
  const processes = watchProcesses(watch.processes, roots.proc, now);
  let settled: Promise<ManagementFacts> | null = null;
  /** Decided once a process: a machine that loses its default route must not become a second host. */
  const identify = () => {
    settled ??= readManagement(roots);
    return settled;
  };
  return {
    discover: async () => [await discoverMachine(roots, personality, await identify())],
    vitals: async () => [await readVitals(roots, (await identify()).identity, await beatMeter.sample())],
    usage: async () => readUsage(await usageMeter.sample()),
    software: async () => [{ identity: (await identify()).identity, ...(await readOsRelease(roots.etc)) }],
    checks: async () => [
      {
        identity: (await identify()).identity,
        processes: await processes.look(),
        ports: await checkPorts(watch.ports, roots.sys),
      },
    ],
    standingAlarms: () => [],
    startEvents: () => [],
    events: () => [],
    plan: (_, kind) => planHostAction(kind, hostActions),
  };
}

interface ManagementFacts {
  readonly identity: string;
  readonly mac: string | null;
  readonly portName: string | null;
}

async function readManagement(roots: MachineRoots): Promise<ManagementFacts> {
  const { ports, defaultRoutePort } = await readNetwork(roots);
  const port = managementPort(ports, defaultRoutePort);
  const mac = port?.mac ?? null;
  return { identity: await readIdentity(roots.etc, mac, ownHostname()), mac, portName: port?.name ?? null };
}

async function readNetwork(roots: MachineRoots): Promise<LibraryPorts> {
  const ports = await readPorts(roots.sys);
  if (ports.length === 0) return readLibraryPorts();
  return { ports, defaultRoutePort: await readDefaultRoutePort(roots.proc) };
}

async function discoverMachine(
  roots: MachineRoots,
  personality: Personality,
  { identity, mac, portName }: ManagementFacts,
): Promise<HostReport> {
  const [system, mem, cpu, { ports }, disks, devices, volumeGroups, sensors] = await Promise.all([
    si.system(),
    si.mem(),
    readCpu(roots.sys),
    readNetwork(roots),
    readDisks(roots),
    readDevices(roots.sys),
    readVolumeGroups(),
    readSensors(roots.sys),
  ]);
  const told = realFirst(ports);
  return {
    identity,
    hostname: ownHostname(),
    personality,
    subfunctions: subfunctionsOf(personality, true), // the only machine that this agent knows of does all the work
    simulated: false,
    managementMac: mac,
    managementIp: addressOf(portName),
    serialNumber: knownText(system.serial),
    manufacturer: knownText(system.manufacturer),
    productName: knownText(system.model),
    uptimeSeconds: graphqlInt(os.uptime()),
    bootId: await readBootId(roots.proc),
    cpu,
    memory: await readNumaMemory(roots.sys, { totalMiB: mebibytes(mem.total), freeMiB: mebibytes(mem.free) }),
    ports: await withNeighbours(told),
    disks,
    devices,
    interfaces: await readInterfaces(roots, told),
    volumeGroups,
    sensors,
  };
}

/** What only programs tell of ports; they are asked about real ones, of which there are few. */
async function withNeighbours(ports: readonly MachinePort[]): Promise<PortReport[]> {
  const neighbours = await readLldpNeighbours();
  return Promise.all(
    ports.map(async ({ virtual, ...port }) => ({
      ...port,
      autoNegotiation: virtual ? null : await readAutoNegotiation(port.name),
      lldpNeighbour: neighbours.get(port.name) ?? null,
    })),
  );
}

const realFirst = (ports: readonly MachinePort[]): MachinePort[] =>
  [...ports.filter(port => !port.virtual), ...ports.filter(port => port.virtual)].slice(0, MOST_PORTS);

/** With letters, digits, dots and dashes only: desktops allow themselves more. */
const ownHostname = (): string => os.hostname().replace(/[^\w.-]+/g, '-') || 'unnamed';

/** IPv4 before IPv6; an address that holds on its own link only helps nobody. */
function addressOf(portName: string | null): string | null {
  const addresses = portName === null ? [] : (os.networkInterfaces()[portName] ?? []);
  const usable = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (usable.find(({ family }) => family === 'IPv4') ?? usable[0])?.address ?? null;
}

async function readVitals(
  roots: MachineRoots,
  identity: string,
  cpuUsagePercent: number | null,
): Promise<VitalsReport> {
  return {
    identity,
    uptimeSeconds: graphqlInt(os.uptime()),
    bootId: await readBootId(roots.proc),
    cpuUsagePercent,
    memoryUsagePercent: await readMemoryUse(),
  };
}

async function readUsage(cpuPercent: number | null): Promise<UsageSample[]> {
  const hostname = ownHostname();
  const sample = (
    resource: UsageSample['resource'],
    instance: string | null,
    usedPercent: number | null,
  ): UsageSample[] => (usedPercent === null ? [] : [{ hostname, resource, instance, usedPercent }]);
  const fileSystems = await readFileSystems();
  return [
    ...sample('CPU', null, cpuPercent),
    ...sample('MEMORY', null, await readMemoryUse()),
    ...fileSystems.flatMap(({ mount, usedPercent }) => sample('FILESYSTEM', mount, usedPercent)),
  ];
}

/** What the kernel could hand out without swapping counts as free: caches do not alarm anybody. */
async function readMemoryUse(): Promise<number | null> {
  const { total, available } = await si.mem();
  return total > 0 ? percent((100 * (total - available)) / total) : null;
}
