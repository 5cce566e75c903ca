// What a simulated host is made of: decided by seed, region and place in the plan, and the same for ever after.
import { KNOWN_DEVICES } from '../real/device-table.ts';
import type { CpuReport, DeviceReport, HostReport, NumaMemoryReport } from '../report.ts';
import { subfunctionsOf } from '../subfunctions.ts';
import { buildInterfaces, buildPorts } from './network.ts';
import { buildLogicalCpus, buildSensors } from './processors.ts';
import { createRandom, hash, type Random } from './random.ts';
import type { HostSlot, RegionPlan } from './region-plan.ts';
import {
  ALL_IN_ONE_SERVERS,
  type Card,
  FEC_CARDS,
  GPU_CARDS,
  QAT_CARDS,
  RACK_SERVERS,
  type ServerModel,
  STORAGE_SERVERS,
} from './server-models.ts';
import { buildDisks, buildVolumeGroups } from './storage.ts';

/** Without what moves: uptime and free memory. */
export type Hardware = Omit<HostReport, 'uptimeSeconds'>;

export function buildHardware(seed: number, region: string, plan: RegionPlan, slot: HostSlot): Hardware {
  const random = createRandom(`${seed}/${region}/${slot.hostname}`);
  const model = chooseModel(random, plan, slot);
  const mac = (port: number) => macOf(seed, region, slot.index, port);
  const managementIp = `192.168.204.${slot.index + 3}`; // StarlingX's usual management network; .1 and .2 float
  const serialNumber = serial(random);
  const cpu = buildCpu(random, model, slot);
  const memory = buildMemory(random, model, slot);
  const ports = buildPorts(random, slot, { mac, managementIp });
  const disks = buildDisks(random, slot, serial);
  return {
    identity: mac(0),
    hostname: slot.hostname,
    personality: slot.personality,
    subfunctions: subfunctionsOf(slot.personality, slot.runsWorkloads),
    simulated: true,
    managementMac: mac(0),
    managementIp,
    serialNumber,
    manufacturer: model.manufacturer,
    productName: model.product,
    cpu,
    memory,
    ports,
    disks,
    devices: slot.runsWorkloads ? buildDevices(random, model, slot) : [],
    interfaces: buildInterfaces(ports, { mac, managementIp }),
    volumeGroups: buildVolumeGroups(disks),
    sensors: buildSensors(`${seed}/${region}/${slot.hostname}`, model.sockets),
  };
}

function chooseModel(random: Random, plan: RegionPlan, slot: HostSlot): ServerModel {
  if (slot.personality === 'STORAGE') return random.pick(STORAGE_SERVERS);
  return random.pick(plan.allInOne ? ALL_IN_ONE_SERVERS : RACK_SERVERS);
}

function buildCpu(random: Random, { cpu: model, sockets, coresPerSocket }: ServerModel, slot: HostSlot): CpuReport {
  const cores = sockets * coresPerSocket;
  const smt = random.chance(0.8); // some low-latency hosts run with it off
  const cpu = { model, sockets, cores, threads: smt ? 2 * cores : cores, smt, architecture: 'x86_64' };
  return { ...cpu, logicalCpus: buildLogicalCpus(cpu, slot) };
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
