// Which hosts a `HostFilter` lets through. Pure; host-store.ts says the same in SQL for lists and sums.
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';
import type { GroupOf } from '../regions/region-groups.ts';
import type { HostChange } from './host-change.ts';

export interface HostFilter {
  readonly regions?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly hostname?: string | null;
  readonly mac?: string | null;
  readonly serialNumber?: string | null;
  readonly personality?: string | null;
  readonly administrative?: string | null;
  readonly operational?: string | null;
  readonly availability?: readonly string[] | null;
  readonly provisioning?: string | null;
  readonly simulated?: boolean | null;
  /** All of them. */
  readonly labels?: readonly { readonly key: string; readonly value?: string | null }[] | null;
  readonly device?: { readonly kind?: string | null; readonly name?: string | null } | null;
  readonly freeHugePages?: { readonly pageSizeKiB: number; readonly atLeast: number } | null;
}

/** Whoever was told of a host also hears that it left the filter. */
export function passesChange(filter: HostFilter, { kind, host, before }: HostChange, groupOf: GroupOf): boolean {
  return (
    passesHost(filter, host, groupOf) || (kind === 'CHANGED' && passesHost(filter, { ...host, ...before }, groupOf))
  );
}

export function passesHost(filter: HostFilter, host: MirrorHostRow, groupOf: GroupOf): boolean {
  if (filter.regions && !filter.regions.includes(host.region)) return false;
  if (filter.groups && !filter.groups.includes(groupOf(host.region) ?? '')) return false;
  if (filter.hostname && !contains(host.hostname, filter.hostname)) return false;
  if (filter.availability && !filter.availability.includes(host.availability)) return false;
  for (const [wanted, is] of [
    [filter.mac?.toLowerCase(), host.managementMac],
    [filter.serialNumber, host.serialNumber],
    [filter.personality, host.personality],
    [filter.administrative, host.administrative],
    [filter.operational, host.operational],
    [filter.provisioning, host.provisioning],
    [filter.simulated, host.simulated],
  ])
    if (wanted !== undefined && wanted !== null && wanted !== is) return false;
  return hasLabels(filter, host) && hasDevice(filter, host) && hasPages(filter, host);
}

const hasLabels = ({ labels }: HostFilter, host: MirrorHostRow): boolean =>
  (labels ?? []).every(({ key, value }) =>
    host.labels.some(label => label.key === key && (typeof value !== 'string' || label.value === value)),
  );

const hasDevice = ({ device }: HostFilter, { capacity }: MirrorHostRow): boolean =>
  !device ||
  (capacity?.devices ?? []).some(
    ({ kind, name }) => (!device.kind || device.kind === kind) && (!device.name || contains(name, device.name)),
  );

const hasPages = ({ freeHugePages }: HostFilter, { capacity }: MirrorHostRow): boolean =>
  !freeHugePages ||
  (capacity?.hugePages ?? []).some(
    ({ pageSizeKiB, free }) => pageSizeKiB === freeHugePages.pageSizeKiB && free >= freeHugePages.atLeast,
  );

const contains = (text: string | null, part: string): boolean =>
  text?.toLowerCase().includes(part.toLowerCase()) ?? false;
