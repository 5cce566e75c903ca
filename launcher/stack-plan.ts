// Decides what runs: which processes, which regions in each, on which ports. Pure; starts nothing.
import { type Config, isLoopback } from '../runtime/config.ts';
import type { PortWish } from './ports.ts';
import { regionIds } from './region-names.ts';

export type PartKind = 'fleet' | 'gateway' | 'region' | 'agent';

/** One process. */
export interface PartPlan {
  readonly kind: PartKind;
  /** As people see it: "region paris-1", "agent lima-1 and 21 more". */
  readonly name: string;
  /** Command-line arguments, without --config. */
  readonly args: readonly string[];
  readonly regions: readonly string[];
  /** Base of the addresses that it answers on; agents have none. */
  readonly url?: string;
  readonly simulated?: boolean;
  /** Name of its log file, without ending. */
  readonly logName: string;
}

export interface StackPlan {
  readonly parts: readonly PartPlan[];
  readonly regions: readonly string[];
  readonly doors: Readonly<Record<string, string>>;
  readonly ports: readonly PortWish[];
}

const OWN_PROCESS = 8; // regions; beyond it a process each would take a laptop's memory (about 150 MB a process)
const PER_PACK = 30; // regions in one shared process: about 170 MB and 6 s to start, measured

export function planStack(config: Config): StackPlan {
  const regions = regionIds(config.launcher.regions);
  const host = reachableHost(config.host);
  const packs = packRegions(regions).map((ids, i) => ({ ids, port: config.launcher.regionPortBase + i }));
  const base = (port: number): string => `http://${host}:${port}`;
  const parts: PartPlan[] = [
    { kind: 'fleet', name: 'fleet', args: ['fleet'], regions: [], url: base(config.fleet.port), logName: 'fleet' },
    ...packs.map(pack => ({ ...regionPart('region', pack.ids), url: base(pack.port) })),
    {
      kind: 'gateway',
      name: 'gateway',
      args: ['gateway'],
      regions: [],
      url: base(config.gateway.port),
      logName: 'gateway',
    },
    ...packs.map((pack, i) => agentPart(pack.ids, i > 0)),
  ];
  const doors = Object.fromEntries(packs.flatMap(({ ids, port }) => ids.map(id => [id, `${base(port)}/${id}`])));
  return { parts, regions, doors, ports: portWishes(config, packs) };
}

/** Base address of the one graph. */
export const gatewayOf = (plan: StackPlan): string => plan.parts.find(part => part.kind === 'gateway')?.url ?? '';

/** The first ones run alone, so that one can be killed without the others; the rest share processes evenly. */
export function packRegions(ids: readonly string[]): string[][] {
  const alone = ids.slice(0, OWN_PROCESS).map(id => [id]);
  const rest = ids.slice(OWN_PROCESS);
  const count = Math.ceil(rest.length / PER_PACK);
  const packs = Array.from({ length: count }, (_, i) =>
    rest.slice(Math.floor((i * rest.length) / count), Math.floor(((i + 1) * rest.length) / count)),
  );
  return [...alone, ...packs];
}

function regionPart(kind: 'region' | 'agent', ids: readonly string[]): PartPlan {
  const [first] = ids;
  const more = ids.length - 1;
  return {
    kind,
    name: more === 0 ? `${kind} ${first}` : `${kind} ${first} and ${more} more`,
    args: [kind, ...ids],
    regions: ids,
    logName: more === 0 ? `${kind}-${first}` : `${kind}-${first}-and-${more}-more`,
  };
}

/** Only the first region manages the machine it runs on: a second agent would report the same host twice. */
function agentPart(ids: readonly string[], simulated: boolean): PartPlan {
  const part = regionPart('agent', ids);
  return { ...part, simulated, args: simulated ? [...part.args, '--simulated'] : part.args };
}

function portWishes(config: Config, packs: readonly { ids: readonly string[]; port: number }[]): PortWish[] {
  const { host } = config;
  const wish = (part: string, port: number, flag: string, variable: string): PortWish => ({
    host,
    part,
    port,
    flag,
    variable,
  });
  const embedded = config.database.url === undefined;
  return [
    wish('gateway', config.gateway.port, '--gateway-port', 'MURMUR_GATEWAY_PORT'),
    wish('fleet', config.fleet.port, '--fleet-port', 'MURMUR_FLEET_PORT'),
    ...(embedded
      ? [{ ...wish('PostgreSQL', config.database.port, '--postgres-port', 'MURMUR_DATABASE_PORT'), host: '127.0.0.1' }]
      : []),
    ...packs.map(({ ids, port }) =>
      wish(regionPart('region', ids).name, port, '--region-port-base', 'MURMUR_LAUNCHER_REGION_PORT_BASE'),
    ),
  ];
}

/** Where the parts of this machine reach a door that is bound to `host`, as it stands in a URL. */
export function reachableHost(host: string): string {
  const isWildcard = host === '0.0.0.0' || host === '::' || host === '[::]';
  if (isWildcard || host === '127.0.0.1') return '127.0.0.1';
  const bare = isLoopback(host) ? host.replace(/^\[|\]$/g, '') : host;
  return bare.includes(':') ? `[${bare}]` : bare;
}

/** 14: three subgraphs with a pool of 4 each, and a listener or two. */
export const connectionsFor = (regions: number, poolSize: number): number =>
  100 + regions * Math.max(14, 3 * poolSize + 2);
