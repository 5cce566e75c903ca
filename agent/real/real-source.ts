// The very machine that the agent runs on, as a source of one host. Reads only, needs no root and no Linux; changes the
// machine only by orders of the region that its owner allows.
import os from 'node:os';
import si from 'systeminformation';
import type { Config } from '../../runtime/config.ts';
import { graphqlInt, mebibytes, percent } from '../graphql-int.ts';
import type { HostSource } from '../host-source.ts';
import type { KeptConfigurations } from '../kept-configurations.ts';
import type { HostReport, Personality, PortReport, UsageSample, VitalsReport } from '../report.ts';
import { subfunctionsOf } from '../subfunctions.ts';
import { configureMachine, setWhatBootsForget } from './configure-machine.ts';
import { createCpuMeter } from './cpu-meter.ts';
import { readCpu } from './cpu-topology.ts';
import { readDevices } from './devices.ts';
import { readDisks } from './disks.ts';
import { readFileSystems } from './file-systems.ts';
import { planHostAction, type RunCommand } from './host-actions.ts';
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
  readonly actions?: RealActions;
}

/** What the region may do with the machine; nothing when it is left out. */
export interface RealActions {
  readonly allowed: boolean;
  readonly isRoot: boolean;
  readonly command: readonly string[] | undefined;
  readonly commandMs: number;
  readonly kept: KeptConfigurations;
  /** Runs the machine's own programs; tests have theirs. */
  readonly execute?: RunCommand;
}

/** More a region does not take; a busy container host has hundreds of virtual ones, and they come last. */
const MOST_PORTS = 1_024;
const THIS_MACHINE: MachineRoots = { sys: '/sys', proc: '/proc', etc: '/etc' };

export function createRealSource({
  personality,
  now,
  watch,
  roots = THIS_MACHINE,
  actions,
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
  let restored: Promise<unknown> | null = null;
  const restoreOnce = () => {
    restored ??= identify().then(({ identity }) => restore(roots.sys, actions, identity));
    return restored;
  };
  return {
    discover: async () => {
      await restoreOnce();
      return [await discoverMachine(roots, personality, await identify())];
    },
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
    plan: (identity, order) =>
      planHostAction(order, {
        allowed: actions?.allowed ?? false,
        ...(actions?.execute && { execute: actions.execute }),
        configure: async (configuration, signal) => {
          const { isRoot, command, commandMs, kept } = actions!;
          kept.keep(identity, configuration); // first: what a crash cuts short is set again at the next start
          return configureMachine({ system: { sys: roots.sys, isRoot }, command, commandMs }, configuration, signal);
        },
      }),
  };
}

/** After a boot: what the region sees then is what it asked for. What cannot be set shows in the hardware. */
async function restore(sys: string, actions: RealActions | undefined, identity: string): Promise<void> {
  const configuration = actions?.allowed ? actions.kept.of(identity) : null;
  if (actions?.isRoot && configuration) await setWhatBootsForget({ sys, isRoot: true }, configuration);
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
