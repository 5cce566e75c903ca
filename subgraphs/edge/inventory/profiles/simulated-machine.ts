// Plays what a real machine does with its configuration when it boots: nobody else sets a simulated one's huge pages aside.
import type { Sql } from '../../../runtime/sql.ts';
import type { Hardware, NumaMemory, Port } from '../hardware/hardware.ts';
import type { HostRow } from '../hosts/host.ts';
import { capacityOf } from '../hosts/host-capacity.ts';
import { findConfigurations } from './configuration-store.ts';
import type { MemoryAssignment, NodalConfiguration } from './nodal-configuration.ts';

/** A simulated host with the huge pages and virtual functions of its applied configuration; any other as it is. */
export async function asConfigured(sql: Sql, host: HostRow): Promise<HostRow> {
  if (!host.simulated || host.hardware === null) return host;
  const [known] = await findConfigurations(sql, [host.id]);
  if (!known?.applied) return host;
  const hardware = configured(host.hardware, known.applied);
  return { ...host, hardware, capacity: capacityOf(hardware) };
}

export function configured(hardware: Hardware, { memory, interfaces }: NodalConfiguration): Hardware {
  const vfs = new Map(
    interfaces.flatMap(({ class: is, port, name, vfCount }) =>
      is === 'PCI_SRIOV' && vfCount !== null ? [[port ?? name, vfCount] as const] : [],
    ),
  );
  return {
    ...hardware,
    memory: hardware.memory.map(there =>
      withPages(
        there,
        memory.find(({ node }) => node === there.node),
      ),
    ),
    ports: hardware.ports.map(port => withVfs(port, vfs.get(port.name))),
  };
}

function withPages(memory: NumaMemory, assignment: MemoryAssignment | undefined): NumaMemory {
  if (!assignment) return memory;
  const wanted = new Map([
    [2_048, assignment.hugePages2M],
    [1_048_576, assignment.hugePages1G],
  ]);
  const hugePages = memory.hugePages.map(pages => {
    const total = wanted.get(pages.pageSizeKiB) ?? pages.total;
    return { ...pages, total, free: total };
  });
  const moreMiB = setAsideMiB(hugePages) - setAsideMiB(memory.hugePages);
  return { ...memory, hugePages, freeMiB: Math.max(0, Math.trunc(memory.freeMiB - moreMiB)) };
}

const setAsideMiB = (pages: NumaMemory['hugePages']): number =>
  pages.reduce((sum, { pageSizeKiB, total }) => sum + (pageSizeKiB / 1_024) * total, 0);

const withVfs = (port: Port, configuredVfs: number | undefined): Port =>
  port.sriov && configuredVfs !== undefined ? { ...port, sriov: { ...port.sriov, configuredVfs } } : port;
