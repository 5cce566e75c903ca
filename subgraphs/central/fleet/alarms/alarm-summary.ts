// Counts and status of alarms over some regions. Pure. Status rule: StarlingX's per region (CRITICAL if any critical,
// DEGRADED if any major or minor, else OK), UNKNOWN while the region is out of contact; of several regions the worst
// counts, in the order CRITICAL, UNKNOWN, DEGRADED, OK: what may be critical is worse than what is known not to be.
import type { RegionContact } from '../contact/contact-state.ts';
import type { SeverityCount } from './alarm-store.ts';

export type AlarmStatus = 'CRITICAL' | 'UNKNOWN' | 'DEGRADED' | 'OK';

const WORST_FIRST: readonly AlarmStatus[] = ['CRITICAL', 'UNKNOWN', 'DEGRADED', 'OK'];

export interface AlarmSummary {
  readonly critical: number;
  readonly major: number;
  readonly minor: number;
  readonly warning: number;
  readonly status: AlarmStatus;
  readonly asOf: string | null;
  readonly regionsUnknown: number;
}

export interface CountedRegion {
  readonly id: string;
  readonly contact: RegionContact;
}

export function summarize(regions: readonly CountedRegion[], counts: readonly SeverityCount[]): AlarmSummary {
  const total = (severity: string): number => counts.reduce((sum, c) => (c.severity === severity ? sum + c.n : sum), 0);
  const regionsWith = (...severities: string[]): ReadonlySet<string> =>
    new Set(counts.filter(c => c.n > 0 && severities.includes(c.severity)).map(c => c.region));
  const [critical, degraded] = [regionsWith('CRITICAL'), regionsWith('MAJOR', 'MINOR')];
  const statusOf = ({ id, contact }: CountedRegion): AlarmStatus => {
    if (contact.state !== 'ONLINE') return 'UNKNOWN';
    if (critical.has(id)) return 'CRITICAL';
    return degraded.has(id) ? 'DEGRADED' : 'OK';
  };
  const statuses = new Set(regions.map(statusOf));
  return {
    critical: total('CRITICAL'),
    major: total('MAJOR'),
    minor: total('MINOR'),
    warning: total('WARNING'),
    status: WORST_FIRST.find(status => statuses.has(status)) ?? 'OK',
    asOf: oldestContact(regions.map(region => region.contact)),
    regionsUnknown: regions.filter(region => region.contact.state !== 'ONLINE').length,
  };
}

/** The age of an answer that rests on these regions; null when one of them was never heard of. */
export function oldestContact(contacts: readonly RegionContact[]): string | null {
  const times = contacts.map(contact => contact.lastContactAt);
  if (times.length === 0 || times.some(time => time === null)) return null;
  return times.reduce((oldest, time) => (time! < oldest! ? time : oldest), times[0]!);
}
