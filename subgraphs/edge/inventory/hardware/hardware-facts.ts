// Hardware as things with facts, so that two reports can be compared. Leaves out what moves by itself: free memory, link
// states, addresses, readings. Pure.
import { type Disk, type Hardware, isRealPort, type NetworkInterface, type Port } from './hardware.ts';

/** `undefined`: an agent of that release does not say. */
export type Fact = string | number | boolean | null | undefined;
export type Facts = Readonly<Record<string, Fact>>;

export interface Thing {
  /** `disks[S3YJNX0K]`, `partitions[/dev/sda1]` */
  readonly path: string;
  /** For people: what came or went. Empty for a thing that always is, such as the CPU. */
  readonly summary: string;
  readonly facts: Facts;
}

/** A kind of things. Null when the agent does not tell of this kind at all: then nothing came and nothing went. */
export type Section = { readonly name: string; readonly things: readonly Thing[] | null };

export interface Machine {
  readonly hardware: Hardware;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly productName: string | null;
}

export function factsOf({ hardware, serialNumber, manufacturer, productName }: Machine): Section[] {
  const { cpu, memory, ports, disks, devices } = hardware;
  const sockets = { model: cpu.model, sockets: cpu.sockets, cores: cpu.cores, threads: cpu.threads, smt: cpu.smt };
  return [
    always('', { serialNumber, manufacturer, productName }),
    always('cpu', { ...sockets, architecture: cpu.architecture, ...cpuLists(hardware) }),
    section('memory', memory, ['node'], ({ totalMiB, hugePages }) => ({
      summary: `${totalMiB} MiB`,
      facts: {
        totalMiB,
        ...Object.fromEntries(hugePages.map(pages => [`hugePages[${pages.pageSizeKiB} KiB]`, pages.total])),
      },
    })),
    section('ports', ports.filter(isRealPort), ['pciAddress', 'mac', 'name'], portThing),
    section('disks', disks, ['serialNumber', 'deviceNode'], diskThing),
    partitionsOf(disks),
    section('devices', devices, ['pciAddress'], ({ pciAddress: _, ...facts }) => ({
      summary: `${facts.kind} ${facts.name ?? `${facts.vendorId}:${facts.deviceId}`}`,
      facts,
    })),
    section(
      'interfaces',
      hardware.interfaces?.filter(({ type }) => type !== 'VIRTUAL'),
      ['name'],
      interfaceThing,
    ),
    section('volumeGroups', hardware.volumeGroups, ['name'], ({ sizeMiB, physicalVolumes }) => ({
      summary: `${sizeMiB} MiB`,
      facts: { sizeMiB, physicalVolumes: physicalVolumes.map(({ name }) => name).join(', ') },
    })),
    logicalVolumesOf(hardware.volumeGroups),
  ];
}

const always = (path: string, facts: Facts): Section => ({ name: path, things: [{ path, summary: '', facts }] });

/** Which CPUs are online, and which work for what, as the kernel's lists: 256 rows would tell nobody more. */
function cpuLists({ cpu: { logicalCpus } }: Hardware): Facts {
  if (!logicalCpus) return {};
  const lists = FUNCTIONS.map(name => [
    `functions.${name}`,
    cpuList(logicalCpus.filter(cpu => cpu.function === name)) || null,
  ]);
  return { logicalCpus: cpuList(logicalCpus), ...Object.fromEntries(lists) };
}

const FUNCTIONS = ['PLATFORM', 'VSWITCH', 'SHARED', 'APPLICATION', 'APPLICATION_ISOLATED'] as const;

/** `0-3,8` */
export function cpuList(cpus: readonly { readonly number: number }[]): string {
  const numbers = cpus.map(({ number }) => number).sort((a, b) => a - b);
  const starts = numbers.filter((number, i) => numbers[i - 1] !== number - 1);
  const ends = numbers.filter((number, i) => numbers[i + 1] !== number + 1);
  return starts.map((start, i) => (start === ends[i] ? `${start}` : `${start}-${ends[i]}`)).join(',');
}

function portThing(port: Port): Described {
  const { name, mac, driver, numaNode, vendorId, deviceId, mtu, sriov } = port;
  const { speedMbps, neighbour } = (port as SeenPort).seen ?? {};
  return {
    summary: [name, mac, driver].filter(Boolean).join(' '),
    facts: {
      ...{ name, mac, driver, numaNode, vendorId, deviceId, mtu, speedMbps },
      totalVfs: sriov === undefined ? undefined : (sriov?.totalVfs ?? 0),
      configuredVfs: sriov === undefined ? undefined : (sriov?.configuredVfs ?? 0),
      lldpNeighbour: neighbour,
    },
  };
}

function diskThing({ deviceNode, kind, sizeMiB, model, serialNumber, holdsRoot }: Disk): Described {
  return {
    summary: [deviceNode, model, `${sizeMiB} MiB`].filter(Boolean).join(' '),
    facts: { deviceNode, kind, sizeMiB, model, serialNumber, holdsRoot: holdsRoot ?? undefined },
  };
}

const partitionsOf = (disks: readonly Disk[]): Section => ({
  name: 'partitions',
  things: disks.some(disk => !disk.partitions)
    ? null
    : disks.flatMap(disk =>
        disk.partitions!.map(({ deviceNode, sizeMiB, name }) => ({
          path: `partitions[${deviceNode}]`,
          summary: [name, `${sizeMiB} MiB`].filter(Boolean).join(' '),
          facts: { sizeMiB, name },
        })),
      ),
});

const logicalVolumesOf = (groups: Hardware['volumeGroups']): Section => ({
  name: 'logicalVolumes',
  things:
    groups?.flatMap(group =>
      group.logicalVolumes.map(({ name, sizeMiB }) => ({
        path: `volumeGroups[${group.name}].logicalVolumes[${name}]`,
        summary: `${sizeMiB} MiB`,
        facts: { sizeMiB },
      })),
    ) ?? null,
});

function interfaceThing({ type, mtu, vlanId, bondMode, uses }: NetworkInterface): Described {
  const stands = [...uses].sort().join(', ');
  return {
    summary: [type, stands].filter(Boolean).join(' over '),
    facts: { type, mtu, vlanId, bondMode, uses: stands },
  };
}

interface Described {
  readonly summary: string;
  readonly facts: Facts;
}

/** Things of a list under the first of `keys` that this thing has and no other thing of the list shares. */
function section<T extends object>(
  name: string,
  list: readonly T[] | null | undefined,
  keys: readonly (keyof T & string)[],
  describe: (thing: T) => Described,
): Section {
  if (!list) return { name, things: null };
  const isOwn = (key: keyof T, thing: T): boolean =>
    thing[key] !== null &&
    thing[key] !== undefined &&
    list.every(other => other === thing || other[key] !== thing[key]);
  const things = list.map((thing, i) => {
    const key = keys.find(candidate => isOwn(candidate, thing));
    return { path: `${name}[${key === undefined ? `#${i}` : String(thing[key])}]`, ...describe(thing) };
  });
  return { name, things };
}

/** A port with what it last said while its link was up: a link that goes down and comes back is no change of hardware. */
interface SeenPort extends Port {
  readonly seen?: { readonly speedMbps: Fact; readonly neighbour: Fact };
}

/** The report, with what its ports said before and do not say now. */
export function withSeen(before: Hardware | null, after: Hardware): Hardware {
  const old = new Map(before?.ports.map(port => [port.pciAddress ?? port.name, port as SeenPort]));
  const ports = after.ports.map((port): SeenPort => {
    if (!isRealPort(port)) return port;
    const last = old.get(port.pciAddress ?? port.name)?.seen;
    const neighbour = neighbourText(port) ?? last?.neighbour;
    return { ...port, seen: { speedMbps: port.speedMbps ?? last?.speedMbps, neighbour } };
  });
  return { ...after, ports };
}

function neighbourText({ lldpNeighbour }: Port): string | undefined {
  if (!lldpNeighbour) return undefined;
  return [lldpNeighbour.systemName ?? lldpNeighbour.chassis, lldpNeighbour.port].filter(Boolean).join(' ') || undefined;
}
