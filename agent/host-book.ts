// Remembers which hosts the region has accepted, under which id, and says which must be reported (again). No I/O.
import type { HostReport } from './report.ts';

export interface HostBook {
  /** Hosts that were never accepted, have changed, were forgotten, or were last accepted `staleMs` ago. */
  due(reports: readonly HostReport[], now: number): HostReport[];
  accepted(report: HostReport, id: string, now: number): void;
  /** The region does not know these ids: their hosts are due again and do not beat until then. */
  forget(ids: readonly string[]): void;
  idOf(identity: string): string | undefined;
  /** It was reported as of another boot. */
  hasBooted(identity: string, bootId: string | null | undefined): boolean;
  identityOf(id: string): string | undefined;
}

interface Entry {
  readonly id: string;
  readonly fingerprint: string;
  readonly bootId: string | null;
  readonly at: number;
}

export function createHostBook(staleMs: number): HostBook {
  const entries = new Map<string, Entry>();
  return {
    due: (reports, now) =>
      reports.filter(report => {
        const entry = entries.get(report.identity);
        return !entry || now - entry.at >= staleMs || entry.fingerprint !== fingerprint(report);
      }),
    accepted(report, id, now) {
      entries.set(report.identity, { id, fingerprint: fingerprint(report), bootId: report.bootId ?? null, at: now });
    },
    forget(ids) {
      for (const [identity, entry] of entries) if (ids.includes(entry.id)) entries.delete(identity);
    },
    idOf: identity => entries.get(identity)?.id,
    hasBooted: (identity, bootId) => entries.has(identity) && entries.get(identity)!.bootId !== (bootId ?? null),
    identityOf: id => [...entries].find(([, entry]) => entry.id === id)?.[0],
  };
}

/** What a change of hardware changes. Free memory, readings and uptime move all the time and are left out. */
export function fingerprint({ uptimeSeconds: _, sensors: __, ...report }: HostReport): string {
  const memory = report.memory.map(({ node, totalMiB, hugePages }) => ({
    node,
    totalMiB,
    hugePages: hugePages.map(({ pageSizeKiB, total }) => ({ pageSizeKiB, total })),
  }));
  const volumeGroups = report.volumeGroups.map(({ freeMiB: _, ...group }) => group);
  return JSON.stringify({ ...report, memory, volumeGroups });
}
