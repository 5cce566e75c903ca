// Memory and huge pages by NUMA node, from /sys. A machine without node folders has one node 0.
import { graphqlInt } from '../graphql-int.ts';
import type { HugePagesReport, NumaMemoryReport } from '../report.ts';
import { listNames, readNumber, readText } from './files.ts';

const KIB_PER_MIB = 1024;

export interface WholeMemory {
  readonly totalMiB: number;
  readonly freeMiB: number;
}

/** `sys` is `/sys`; `whole` is the memory of all nodes together. */
export async function readNumaMemory(sys: string, whole: WholeMemory): Promise<NumaMemoryReport[]> {
  const nodes = (await listNames(sys, 'devices/system/node')).filter(name => /^node\d+$/.test(name));
  const read = await Promise.all(nodes.map(name => readNode(`${sys}/devices/system/node/${name}`, name)));
  const known = read.filter(node => node !== null);
  // A single node is the whole machine; kernels with hot-plugged memory count only a part of it in the node's folder.
  if (known.length === 1) return known.map(node => ({ ...node, ...whole }));
  if (known.length > 1) return known;
  return [{ node: 0, ...whole, hugePages: await readHugePages(`${sys}/kernel/mm/hugepages`) }];
}

async function readNode(folder: string, name: string): Promise<NumaMemoryReport | null> {
  const meminfo = await readText(folder, 'meminfo');
  const total = kibibytes(meminfo, 'MemTotal');
  if (total === null) return null;
  const free = kibibytes(meminfo, 'MemFree') ?? 0;
  return {
    node: graphqlInt(Number(name.slice('node'.length))),
    totalMiB: graphqlInt(total / KIB_PER_MIB),
    freeMiB: graphqlInt(free / KIB_PER_MIB),
    hugePages: await readHugePages(`${folder}/hugepages`),
  };
}

/** `Node 0 MemTotal:  98765432 kB` */
function kibibytes(meminfo: string | null, field: string): number | null {
  const found = meminfo?.match(new RegExp(`\\b${field}:\\s+(\\d+) kB`))?.[1];
  return found === undefined ? null : Number(found);
}

async function readHugePages(folder: string): Promise<HugePagesReport[]> {
  const pages = (await listNames(folder)).map(async name => {
    const size = name.match(/^hugepages-(\d+)kB$/)?.[1];
    const total = await readNumber(folder, name, 'nr_hugepages');
    if (size === undefined || total === null) return null;
    const free = (await readNumber(folder, name, 'free_hugepages')) ?? 0;
    return { pageSizeKiB: graphqlInt(Number(size)), total: graphqlInt(total), free: graphqlInt(free) };
  });
  return (await Promise.all(pages)).filter(page => page !== null);
}
