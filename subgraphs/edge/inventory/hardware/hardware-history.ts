// What a report changes beside the host's own row: the history of its hardware, and which cards sit in which host.
import type { Sql } from '../../../runtime/sql.ts';
import type { HostRow } from '../hosts/host.ts';
import { type Hardware, isRealPort } from './hardware.ts';
import { type NewChange, pruneChanges, saveChanges } from './hardware-change-store.ts';
import { diffHardware } from './hardware-diff.ts';
import type { Machine } from './hardware-facts.ts';
import { replacePorts } from './host-port-store.ts';

type ReportedHost = Pick<HostRow, 'id' | 'hostname' | 'hardware' | 'serialNumber' | 'manufacturer' | 'productName'>;

/** A machine that is rebuilt every week fills this in a year; a flood of changes must not fill the disk. */
const MOST_CHANGES = 1_000;
const KEPT_MS = 400 * 24 * 3_600_000;

/** In the transaction that saves the host, after it. `before` is null for a host that is new. */
export async function noteHardware(
  sql: Sql,
  before: ReportedHost | null,
  host: ReportedHost,
  at: string,
): Promise<void> {
  const own = changesOf(before, host).map(change => ({ hostId: host.id, ...change }));
  const old = before?.hardware ? macsOf(before.hardware) : null;
  const macs = macsOf(host.hardware!);
  const moved = old?.join() === macs.join() ? [] : await noteMoves(sql, host, macs);
  const changes = [...own, ...moved];
  if (changes.length === 0) return;
  await saveChanges(sql, changes, at);
  const since = new Date(Date.parse(at) - KEPT_MS).toISOString();
  await pruneChanges(sql, [...new Set(changes.map(({ hostId }) => hostId))], MOST_CHANGES, since);
}

function changesOf(before: ReportedHost | null, host: ReportedHost) {
  const was = machineOf(before);
  const is = machineOf(host);
  return was && is ? diffHardware(was, is).slice(0, MOST_CHANGES) : [];
}

const machineOf = (host: ReportedHost | null): Machine | null =>
  host?.hardware ? { ...host, hardware: host.hardware } : null;

/** A card that another host reported, and this one now has: told in the history of both. */
async function noteMoves(sql: Sql, host: ReportedHost, macs: readonly string[]): Promise<NewChange[]> {
  const elsewhere = await replacePorts(sql, host.id, macs);
  const to = host.hostname ?? host.id;
  return elsewhere.flatMap(({ mac, hostId, hostname }) => {
    const change = { path: `ports[${mac}].host`, kind: 'CHANGED', from: hostname ?? hostId, to } as const;
    return [
      { hostId, ...change },
      { hostId: host.id, ...change },
    ];
  });
}

/** Of the ports that are there to be touched; virtual functions have made-up addresses. */
function macsOf({ ports, interfaces }: Hardware): string[] {
  const virtual = new Set(interfaces?.filter(({ type }) => type === 'VF').map(({ name }) => name));
  const real = ports.filter(port => isRealPort(port) && !virtual.has(port.name));
  return [...new Set(real.flatMap(({ mac }) => mac?.toLowerCase() ?? []))].sort();
}
