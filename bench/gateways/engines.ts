// The gateways that are compared, and how a process of each is started.
import type { Topology } from './topology.ts';

/** What a process is told about the topology, as its one argument, in JSON. */
export interface EngineSettings {
  readonly supergraphFile: string;
  /** GraphQL address by subgraph. Those of the edge resolve nowhere: their regions have addresses. */
  readonly services: Readonly<Record<string, string>>;
  /** `http://host:port/<region>` by region id, when there are any. */
  readonly regions?: Readonly<Record<string, string>>;
  /** Addresses of the floor's texts. */
  readonly slices: readonly string[];
  readonly variant?: string | undefined;
  /** Whether requests to subgraphs that are under way are shared by those who ask for the same. */
  readonly share: boolean;
}

/** `aside`: in the tables, but no measure for ours, which does not do what it does. */
export type Role = 'ours' | 'stock' | 'peer' | 'aside' | 'floor';

export interface Engine {
  readonly label: string;
  readonly role: Role;
  /** The two are never compared with each other. `null`: does not share, and stands in both tables. */
  readonly share: boolean | null;
  /** The script of its process; `gateway` stands for the product's own `murmur gateway`. */
  readonly script: string;
  readonly variant?: string;
  readonly serves?: (topology: Topology) => boolean;
}

export const nameOf = ({ label, share }: Engine): string => `${label}${share === true ? ' (sharing)' : ''}`;

const isFlat = ({ regions }: Topology): boolean => regions.length === 0;
const hasRegions = (topology: Topology): boolean => !isFlat(topology);

const PEERS = 'bench/peers';
const HIVE = `${PEERS}/hive.mjs`;

export const ENGINES: readonly Engine[] = [
  ...[false, true].flatMap((share): Engine[] => [
    { label: 'murmuration', role: 'ours', share, script: 'bench/.build/bench/gateways/ours.js', serves: isFlat },
    { label: 'murmuration', role: 'ours', share, script: 'gateway', serves: hasRegions },
    { label: 'hive gateway', role: 'peer', share, script: HIVE, variant: 'js' },
    { label: 'hive gateway, rust planner', role: 'peer', share, script: HIVE, variant: 'rust' },
  ]),
  {
    label: 'hive gateway, rust planner, whole operations',
    role: 'aside',
    share: true,
    script: HIVE,
    variant: 'rust-inbound',
  },
  { label: '@apollo/gateway', role: 'stock', share: null, script: `${PEERS}/apollo.mjs`, variant: 'stock' },
  {
    label: '@apollo/gateway, undici',
    role: 'peer',
    share: null,
    script: `${PEERS}/apollo.mjs`,
    variant: 'undici',
    serves: isFlat,
  },
  { label: 'mercurius', role: 'peer', share: null, script: `${PEERS}/mercurius.mjs`, serves: isFlat },
  { label: 'floor', role: 'floor', share: null, script: 'bench/.build/bench/gateways/floor.js' },
];
