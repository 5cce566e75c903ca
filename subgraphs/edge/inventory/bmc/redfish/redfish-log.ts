// Reads the logs that a Redfish service keeps of a system: the system's own, else those of the managers it is managed by.
import type { BmcLog, LogEntry } from '../board-controller.ts';
import type { RedfishClient } from './redfish-client.ts';
import { linkOf, listMembers, readMembers } from './redfish-collections.ts';
import type { System } from './redfish-controller.ts';
import { LogEntryResource, LogService, Manager } from './redfish-resources.ts';

const MOST_NEW = 500; // of one look; the rest comes with the next

/** What the hardware did; not the BMC's audit trail of who logged in. */
const OF_HARDWARE = new Set(['SEL', 'Event', 'Multiple']);

export async function readLog(
  client: RedfishClient,
  system: System,
  known: (id: string) => boolean,
  signal: AbortSignal,
): Promise<BmcLog | null> {
  const places = [system.value.LogServices, ...(await ofManagers(client, system, signal))];
  for (const services of places) {
    const entries = services === null ? null : await hardwareLogIn(client, services, signal);
    if (entries === null) continue;
    const list = await listMembers(client, entries, signal);
    if (!list) continue;
    const unknown = list.members.filter(member => !known(idOf(member))).slice(0, MOST_NEW);
    const read = await readMembers(client, unknown, LogEntryResource, signal);
    return { total: list.total, entries: read.map(entryOf) };
  }
  return null;
}

async function ofManagers(
  client: RedfishClient,
  { value }: System,
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  const services: (string | null)[] = [];
  for (const path of value.Links?.ManagedBy ?? [])
    services.push((await client.find(path, Manager, signal))?.value.LogServices ?? null);
  return services;
}

/** Where the entries lie: of the log that is the hardware's, else of the first. */
async function hardwareLogIn(client: RedfishClient, path: string, signal: AbortSignal): Promise<string | null> {
  const list = await listMembers(client, path, signal);
  const services = await readMembers(client, list?.members ?? [], LogService, signal);
  const own = services.find(service => OF_HARDWARE.has(service.LogEntryType ?? '')) ?? services[0];
  return own?.Entries ?? null;
}

/** Entries that come as links only are known by the last part of the path, which is their id (DSP0266, 6.5.3). */
const idOf = (member: unknown): string =>
  (member as { Id?: string } | null)?.Id ?? linkOf(member)?.replace(/\/$/, '').split('/').at(-1) ?? '';

const SEVERITIES: Readonly<Record<string, LogEntry['severity']>> = {
  OK: 'OK',
  Warning: 'WARNING',
  Critical: 'CRITICAL',
};
const LONGEST_MESSAGE = 1_000;

function entryOf(entry: LogEntryResource): LogEntry {
  const at = Date.parse(entry.EventTimestamp ?? entry.Created ?? '');
  return {
    id: entry.Id.replaceAll('\0', '').slice(0, 128),
    at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    severity: SEVERITIES[entry.Severity ?? ''] ?? null,
    message: (entry.Message ?? entry.MessageId ?? '').replaceAll('\0', '').slice(0, LONGEST_MESSAGE),
  };
}
