// Servers, cards and disks that stand at the edge, as their makers name them. A table; decides nothing.

export interface ServerModel {
  readonly manufacturer: string;
  readonly product: string;
  readonly cpu: string;
  readonly sockets: number;
  readonly coresPerSocket: number;
}

type OneOrMore<T> = readonly [T, ...T[]];

const dell = 'Dell Inc.';
const hpe = 'HPE';
const supermicro = 'Supermicro';

export const RACK_SERVERS: OneOrMore<ServerModel> = [
  {
    manufacturer: dell,
    product: 'PowerEdge R750',
    cpu: 'Intel(R) Xeon(R) Gold 6338N CPU @ 2.20GHz',
    sockets: 2,
    coresPerSocket: 32,
  },
  {
    manufacturer: hpe,
    product: 'ProLiant DL380 Gen10 Plus',
    cpu: 'Intel(R) Xeon(R) Platinum 8360Y CPU @ 2.40GHz',
    sockets: 2,
    coresPerSocket: 36,
  },
  {
    manufacturer: supermicro,
    product: 'SYS-620U-TNR',
    cpu: 'Intel(R) Xeon(R) Gold 6330N CPU @ 2.20GHz',
    sockets: 2,
    coresPerSocket: 28,
  },
  {
    manufacturer: dell,
    product: 'PowerEdge R7525',
    cpu: 'AMD EPYC 7543 32-Core Processor',
    sockets: 2,
    coresPerSocket: 32,
  },
];

export const ALL_IN_ONE_SERVERS: OneOrMore<ServerModel> = [
  {
    manufacturer: dell,
    product: 'PowerEdge XR4510c',
    cpu: 'Intel(R) Xeon(R) D-2776NT CPU @ 2.10GHz',
    sockets: 1,
    coresPerSocket: 16,
  },
  {
    manufacturer: supermicro,
    product: 'SYS-110D-20C-FRAN8TP',
    cpu: 'Intel(R) Xeon(R) D-2796NT CPU @ 2.00GHz',
    sockets: 1,
    coresPerSocket: 20,
  },
  {
    manufacturer: dell,
    product: 'PowerEdge R6615',
    cpu: 'AMD EPYC 9354P 32-Core Processor',
    sockets: 1,
    coresPerSocket: 32,
  },
];

export const STORAGE_SERVERS: OneOrMore<ServerModel> = [
  {
    manufacturer: dell,
    product: 'PowerEdge R750',
    cpu: 'Intel(R) Xeon(R) Silver 4310 CPU @ 2.10GHz',
    sockets: 2,
    coresPerSocket: 12,
  },
  {
    manufacturer: hpe,
    product: 'ProLiant DL380 Gen10 Plus',
    cpu: 'Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz',
    sockets: 2,
    coresPerSocket: 16,
  },
];

export interface NetworkCard {
  readonly driver: string;
  readonly speedMbps: number;
  readonly vendorId: string;
  readonly deviceId: string;
  /** SR-IOV virtual functions of one port; 0 for none. */
  readonly totalVfs: number;
}

export const ON_BOARD_CARD: NetworkCard = {
  driver: 'i40e',
  speedMbps: 10_000,
  vendorId: '8086',
  deviceId: '37d2',
  totalVfs: 0, // switched off in the firmware, as servers come
};

export const DATA_CARDS: OneOrMore<NetworkCard> = [
  { driver: 'ice', speedMbps: 25_000, vendorId: '8086', deviceId: '159b', totalVfs: 128 },
  { driver: 'i40e', speedMbps: 10_000, vendorId: '8086', deviceId: '1572', totalVfs: 64 },
  { driver: 'mlx5_core', speedMbps: 100_000, vendorId: '15b3', deviceId: '101d', totalVfs: 16 },
];

export interface Card {
  readonly vendorId: string;
  readonly deviceId: string;
  readonly driver: string;
}

export const FEC_CARDS: OneOrMore<Card> = [{ vendorId: '8086', deviceId: '0d5c', driver: 'vfio-pci' }];
export const QAT_CARDS: OneOrMore<Card> = [{ vendorId: '8086', deviceId: '37c8', driver: 'c6xx' }];
export const GPU_CARDS: OneOrMore<Card> = [
  { vendorId: '10de', deviceId: '1eb8', driver: 'nvidia' },
  { vendorId: '10de', deviceId: '27b8', driver: 'nvidia' },
  { vendorId: '10de', deviceId: '20b5', driver: 'nvidia' },
];

export const SYSTEM_DISKS: OneOrMore<{ readonly model: string; readonly sizeMiB: number }> = [
  { model: 'SAMSUNG MZQL2960HCJR-00A07', sizeMiB: 915_715 },
  { model: 'INTEL SSDPE2KX010T8', sizeMiB: 953_869 },
];

export const STORAGE_DISKS: OneOrMore<{
  readonly model: string;
  readonly sizeMiB: number;
  readonly kind: 'HDD' | 'SSD';
}> = [
  { model: 'ST8000NM000A', sizeMiB: 7_630_885, kind: 'HDD' },
  { model: 'SAMSUNG MZ7L33T8HBLT', sizeMiB: 3_662_830, kind: 'SSD' },
];
