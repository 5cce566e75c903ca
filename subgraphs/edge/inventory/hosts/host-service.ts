// What can be done with hosts: reports and heartbeats of agents, labels of operators. Each change goes through the outbox.
import type { DataSource } from 'typeorm';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { SecretBox } from '../bmc/secret-box.ts';
import { noteSimulatedBmc } from '../bmc/simulated-bmc.ts';
import { type HostEvent, type HostRow, type Label, MIRRORED, type MirroredHost, mirrored } from './host.ts';
import { ReportHostChecks, UpdateHostChecks } from './host-input.ts';
import { afterReport, type HostReport, heardAgain } from './host-report.ts';
import * as store from './host-store.ts';

export interface HostPayload {
  readonly host: HostRow | null;
  readonly userErrors: readonly UserError[];
}

export interface UpdateHostInput {
  readonly labels?: readonly Label[] | null;
  readonly idempotencyKey?: string | null;
}

export interface HostService {
  report(report: HostReport): Promise<HostPayload>;
  /** Answers the local ids that this region does not know. */
  heartbeats(beats: readonly store.Heartbeat[]): Promise<string[]>;
  update(id: string, input: UpdateHostInput): Promise<HostPayload>;
  /** Hosts silent since before this instant go OFFLINE; answers how many. */
  expire(before: Date): Promise<number>;
}

export interface HostServiceDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly secrets: SecretBox;
  now(): Date;
  newId(): string;
}

export function hostService({ dataSource, outbox, secrets, now, newId }: HostServiceDeps): HostService {
  return {
    report: async report => {
      const userErrors = inputErrors(ReportHostChecks, report);
      if (userErrors.length > 0) return { host: null, userErrors };
      return outbox.transaction(async tx => {
        const known = await store.findReporting(tx.sql, report.identity, report.managementMac?.toLowerCase() ?? null);
        const host = afterReport(known, report, newId(), now().toISOString());
        await store.saveHost(tx.sql, host);
        if (report.simulatedBmc) await noteSimulatedBmc(tx.sql, secrets, host.id, report.simulatedBmc);
        if (!known || MIRRORED.some(field => known[field] !== host[field])) publish(tx, host);
        return { host, userErrors: [] };
      });
    },

    heartbeats: async beats => {
      const found = await store.noteHeartbeats(dataSource, beats, now().toISOString());
      const back = found.filter(host => host.availability === 'OFFLINE').map(host => host.id);
      if (back.length > 0) await bringBack(outbox, back);
      const known = new Set(found.map(host => host.id));
      return beats.map(beat => beat.id).filter(id => !known.has(id));
    },

    update: async (id, input) => {
      const userErrors = inputErrors(UpdateHostChecks, input);
      if (userErrors.length > 0) return { host: null, userErrors };
      const refused = (error: UserError): HostPayload => ({ host: null, userErrors: [error] });
      return outbox.transaction(tx =>
        once(tx.sql, 'updateHost', input.idempotencyKey, { id, ...input }, refused, async () => {
          const [host] = await store.findByIds(tx.sql, [id]);
          if (!host)
            return refused({
              code: 'NOT_FOUND',
              message: 'The region has no host with this id.',
              path: ['input', 'id'],
            });
          const labels = input.labels ?? host.labels;
          await store.saveLabels(tx.sql, id, labels);
          return { host: { ...host, labels }, userErrors: [] };
        }),
      );
    },

    expire: async before => {
      const silent = await store.findSilent(dataSource, before.toISOString());
      if (silent.length === 0) return 0;
      return outbox.transaction(async tx => {
        const offline = { operational: 'DISABLED', availability: 'OFFLINE' } as const;
        const stillSilent = await store.findSilent(tx.sql, before.toISOString());
        const changed = await store.setAvailability(
          tx.sql,
          stillSilent.map(h => h.id),
          offline,
        );
        for (const host of changed) publish(tx, host);
        return changed.length;
      });
    },
  };
}

async function bringBack(outbox: Outbox, ids: readonly string[]): Promise<void> {
  await outbox.transaction(async tx => {
    for (const host of await store.findByIds(tx.sql, ids))
      for (const changed of await store.setAvailability(tx.sql, [host.id], heardAgain(host))) publish(tx, changed);
  });
}

/** Tells followers of a host as it is now, and what happened to it: the region's faults keep that in their event log. */
export function publish(tx: OutboxTransaction, host: MirroredHost, events: readonly HostEvent[] = []): void {
  tx.append('HOST_CHANGED', host.id, () => (events.length === 0 ? mirrored(host) : { ...mirrored(host), events }));
}
