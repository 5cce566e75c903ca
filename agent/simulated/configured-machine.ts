// What a simulated machine makes of its configuration: huge pages, virtual functions and MTUs as they were asked for. Pure.
import { deviceOf, type MemoryAssignment, type NodalConfiguration } from '../configuration.ts';
import type { HostReport, NumaMemoryReport, PortReport } from '../report.ts';

export function configuredHost(host: HostReport, { memory, interfaces }: NodalConfiguration): HostReport {
  const mtus = new Map(interfaces.map(wanted => [deviceOf(wanted), wanted.mtu]));
  const vfs = new Map(
    interfaces.flatMap(wanted => (wanted.vfCount === null ? [] : [[deviceOf(wanted), wanted.vfCount] as const])),
  );
  const withMtu = <T extends { readonly name: string; readonly mtu: number | null }>(device: T): T => ({
    ...device,
    mtu: mtus.get(device.name) ?? device.mtu,
  });
  return {
    ...host,
    memory: host.memory.map(there =>
      withPages(
        there,
        memory.find(({ node }) => node === there.node),
      ),
    ),
    ports: host.ports.map(port => withMtu(withVfs(port, vfs.get(port.name)))),
    interfaces: host.interfaces.map(withMtu),
  };
}

function withPages(memory: NumaMemoryReport, assignment: MemoryAssignment | undefined): NumaMemoryReport {
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

const setAsideMiB = (pages: NumaMemoryReport['hugePages']): number =>
  pages.reduce((sum, { pageSizeKiB, total }) => sum + (pageSizeKiB / 1_024) * total, 0);

const withVfs = (port: PortReport, configuredVfs: number | undefined): PortReport =>
  port.sriov && configuredVfs !== undefined ? { ...port, sriov: { ...port.sriov, configuredVfs } } : port;
