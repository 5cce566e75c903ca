// What a simulated host is made of: decided by seed, region and place in the plan, and the same for ever after.
import { KNOWN_DEVICES } from '../real/device-table.ts';
import type { CpuReport, DeviceReport, DiskReport, HostReport, NumaMemoryReport, PortReport } from '../report.ts';
import { subfunctionsOf } from '../subfunctions.ts';
import { createRandom, hash, type Random } from './random.ts';
import type { HostSlot, RegionPlan } from './region-plan.ts';
import {
  ALL_IN_ONE_SERVERS,
  type Card,
  DATA_CARDS,
  FEC_CARDS,
  GPU_CARDS,
  QAT_CARDS,
  RACK_SERVERS,
  type ServerModel,
  STORAGE_DISKS,
  STORAGE_SERVERS,
  SYSTEM_DISKS,
} from './server-models.ts';

/** Without what moves: uptime and free memory. */
export type Hardware = Omit<HostReport, 'uptimeSeconds'>;

export function buildHardware(seed: number, region: string, plan: RegionPlan, slot: HostSlot): Hardware {
  const random = createRandom(`${seed}/${region}/${slot.hostname}`);
  const model = chooseModel(random, plan, slot);
  const mac = (port: number) => macOf(seed, region, slot.index, port);
  return {
    identity: mac(0),
    hostname: slot.hostname,
    personality: slot.personality,
    subfunctions: subfunctionsOf(slot.personality, slot.runsWorkloads),
    simulated: true,
    managementMac: mac(0),
    managementIp: `192.168.204.${slot.index + 3}`, // StarlingX's usual management network; .1 and .2 float
    serialNumber: serial(random),
    manufacturer: model.manufacturer,
    productName: model.product,
    cpu: buildCpu(random, model),
    memory: buildMemory(random, model, slot),
    ports: buildPorts(random, mac),
    disks: buildDisks(random, slot),
    devices: slot.runsWorkloads ? buildDevices(random, model, slot) : [],
  };
}

function chooseModel(random: Random, plan: RegionPlan, slot: HostSlot): ServerModel {
  if (slot.personality === 'STORAGE') return random.pick(STORAGE_SERVERS);
  return random.pick(plan.allInOne ? ALL_IN_ONE_SERVERS : RACK_SERVERS);
}

function buildCpu(random: Random, { cpu, sockets, coresPerSocket }: ServerModel): CpuReport {
  const cores = sockets * coresPerSocket;
  const smt = random.chance(0.8); // some low-latency hosts run with it off
  return { model: cpu, sockets, cores, threads: smt ? 2 * cores : cores, smt, architecture: 'x86_64' };
}

function buildMemory(random: Random, { sockets }: ServerModel, slot: HostSlot): NumaMemoryReport[] {
  const totalMiB = random.pick([98_304, 131_072, 196_608] as const);
  return Array.from({ length: sockets }, (_, node) => {
    const gigabytePages = slot.runsWorkloads ? random.int(24, 48) : 0;
    const smallPages = slot.runsWorkloads ? 512 * random.int(2, 8) : 0;
    const hugePages = [
      { pageSizeKiB: 2_048, total: smallPages, free: random.int(0, smallPages) },
      { pageSizeKiB: 1_048_576, total: gigabytePages, free: random.int(0, gigabytePages) },
    ];
    return { node, totalMiB, freeMiB: 0, hugePages };
  });
}

function buildPorts(random: Random, mac: (port: number) => string): PortReport[] {
  const data = random.pick(DATA_CARDS);
  const spareUp = random.chance(0.75);
  const port = (name: string, number: number, pciAddress: string, card: typeof data, up: boolean): PortReport => {
    const mtu = card === data ? 9_000 : 1_500;
    return { name, mac: mac(number), driver: card.driver, pciAddress, speedMbps: up ? card.speedMbps : null, mtu, up };
  };
  const onBoard = { driver: 'i40e', speedMbps: 10_000 };
  return [
    port('eno1', 0, '0000:18:00.0', onBoard, true),
    port('eno2', 1, '0000:18:00.1', onBoard, spareUp),
    port('ens1f0', 2, '0000:51:00.0', data, true),
    port('ens1f1', 3, '0000:51:00.1', data, true),
  ];
}

function buildDisks(random: Random, slot: HostSlot): DiskReport[] {
  const system = random.pick(SYSTEM_DISKS);
  const boot: DiskReport = { deviceNode: '/dev/nvme0n1', kind: 'NVME', ...system, serialNumber: serial(random) };
  if (slot.personality !== 'STORAGE') return [boot];
  const model = random.pick(STORAGE_DISKS);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].slice(0, random.int(4, 8));
  return [boot, ...names.map(name => ({ deviceNode: `/dev/sd${name}`, ...model, serialNumber: serial(random) }))];
}

/** Neighbours differ, so that every region with a few workers has each kind. */
function buildDevices(random: Random, model: ServerModel, slot: HostSlot): DeviceReport[] {
  const kinds = [FEC_CARDS, GPU_CARDS, QAT_CARDS] as const;
  const first = kinds[slot.number % kinds.length]!;
  const second = random.chance(0.4) ? [kinds[(slot.number + 1) % kinds.length]!] : [];
  return [first, ...second].map((cards, place) => {
    const numaNode = place % model.sockets;
    return toDevice(random.pick(cards), `0000:${numaNode === 0 ? '3b' : 'af'}:0${place}.0`, numaNode);
  });
}

function toDevice({ vendorId, deviceId, driver }: Card, pciAddress: string, numaNode: number): DeviceReport {
  const { kind, name } = KNOWN_DEVICES[`${vendorId}:${deviceId}`]!;
  return { pciAddress, kind, vendorId, deviceId, name, driver, numaNode };
}

/** 02 says "locally administered"; host and port make it unique in the region, the hash nearly so beyond. */
function macOf(seed: number, region: string, host: number, port: number): string {
  const place = hash(`${seed}/${region}/mac`);
  const bytes = [0x02, (place >>> 16) & 0xff, (place >>> 8) & 0xff, place & 0xff, host & 0xff, port & 0xff];
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':');
}

const serial = (random: Random): string =>
  `SIM-${random.int(0, 0xfffffff).toString(36).toUpperCase().padStart(6, '0')}`;
