// What can be done with hosts: reports and heartbeats of agents, labels of operators. Each change goes through the outbox.
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { SecretBox } from '../bmc/secret-box.ts';
import { noteSimulatedBmc } from '../bmc/simulated-bmc.ts';
import { noteHardware } from '../hardware/hardware-history.ts';
import { findClaim, type Rival } from '../hardware/host-port-store.ts';
import type { AgentTaskRow } from '../lifecycle/agent-task.ts';
import { findOrdered } from '../lifecycle/agent-task-store.ts';
import type { LifecycleService } from '../lifecycle/lifecycle-service.ts';
import { asConfigured } from '../profiles/simulated-machine.ts';
import type { RedeclareHost, SaidOfHost } from '../provisioning/redeclare-host.ts';
import { hasBooted, isNews, isOtherBoot } from './heartbeat.ts';
import { type HostEvent, type HostRow, type Label, type MirroredHost, mirrored } from './host.ts';
import { ReportBootChecks, ReportHostChecks, UpdateHostChecks } from './host-input.ts';
import { aBootedMachine, afterReport, asNewcomer, type HostReport } from './host-report.ts';
import * as store from './host-store.ts';

export interface HostPayload {
  readonly host: HostRow | null;
  readonly userErrors: readonly UserError[];
}

export interface UpdateHostInput extends SaidOfHost {
  readonly labels?: readonly Label[] | null;
  readonly idempotencyKey?: string | null;
}

export interface HostService {
  report(report: HostReport): Promise<HostPayload>;
  /** A machine without an agent boots from the network: the host that has one of its MAC addresses, or a new one without name and role. */
  boot(macs: readonly string[]): Promise<HostPayload>;
  /** `everyMs`: how often these hosts beat, where their agent says. */
  heartbeats(beats: readonly store.Heartbeat[], everyMs?: number | null): Promise<HeartbeatAnswer>;
  update(id: string, input: UpdateHostInput): Promise<HostPayload>;
}

export interface HeartbeatAnswer {
  /** Local ids that this region does not know. */
  readonly unknown: readonly string[];
  /** What the agents of these hosts are asked to do. */
  readonly tasks: readonly AgentTaskRow[];
}

export interface HostServiceDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly lifecycle: LifecycleService;
  readonly redeclare: RedeclareHost;
  readonly log: Logger;
  readonly secrets: SecretBox;
  now(): Date;
  newId(): string;
}

export function hostService(deps: HostServiceDeps): HostService {
  const { dataSource, outbox, lifecycle, redeclare, secrets, log, now, newId } = deps;
  return {
    report: async report => {
      const userErrors = inputErrors(ReportHostChecks, report);
      if (userErrors.length > 0) return { host: null, userErrors };
      const { identity, serialNumber = null } = report;
      const mac = report.managementMac?.toLowerCase() ?? null;
      return outbox.transaction(async tx => {
        const claim = await findClaim(tx.sql, identity, mac);
        if (claim.rival) return { host: null, userErrors: [noteRival(log, claim.rival, report)] };
        const known = await store.findReporting(tx.sql, { identity, managementMac: mac, serialNumber });
        const at = now().toISOString();
        const host = await asConfigured(tx.sql, afterReport(known, asNewcomer(claim, known, report), newId(), at));
        await store.saveHost(tx.sql, host);
        await noteHardware(tx.sql, known, host, at);
        if (report.simulatedBmc) await noteSimulatedBmc(tx.sql, secrets, host.id, report.simulatedBmc);
        if (!known || !isDeepStrictEqual(mirrored(known), mirrored(host))) publish(tx, host);
        if (known?.personality !== host.personality) await lifecycle.introduced(tx, host.id);
        const boot = { id: host.id, bootId: report.bootId ?? null };
        const isBoot = isOtherBoot(known?.bootId, report.bootId);
        if (isBoot) await lifecycle.booted(tx, [boot]);
        else await lifecycle.heard(tx, [boot]);
        const after = (await store.findByIds(tx.sql, [host.id]))[0]!;
        return { host: isBoot ? await takeConfiguration(tx, after) : after, userErrors: [] };
      });
    },

    boot: async macs => {
      const userErrors = inputErrors(ReportBootChecks, { macs });
      if (userErrors.length > 0) return { host: null, userErrors };
      return outbox.transaction(async tx => ({ host: await noteMachine(tx, macs, newId()), userErrors: [] }));
    },

    heartbeats: async beats => {
      const found = await store.noteHeartbeats(dataSource, beats, now().toISOString());
      const said = new Map(beats.map(beat => [beat.id, beat]));
      const booted = found.filter(host => hasBooted(host, said.get(host.id)!));
      const heard = found.filter(host => !booted.includes(host) && isNews(host, said.get(host.id)!));
      if (booted.length + heard.length > 0)
        await outbox.transaction(async tx => {
          const boots = booted.map(({ id }) => ({ id, bootId: said.get(id)?.bootId ?? null }));
          await lifecycle.booted(tx, boots);
          await lifecycle.heard(
            tx,
            heard.map(({ id }) => ({ id, bootId: said.get(id)?.bootId ?? null })),
          );
        });
      const known = new Set(found.map(host => host.id));
      return {
        unknown: beats.map(beat => beat.id).filter(id => !known.has(id)),
        tasks: known.size === 0 ? [] : await findOrdered(dataSource, [...known]),
      };
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
          const { labels, idempotencyKey: _, ...said } = input;
          const refusals = await redeclare(tx, host, said);
          if (refusals.length > 0) return { host: null, userErrors: refusals };
          if (labels) await store.saveLabels(tx.sql, id, labels);
          const changed = (await store.findByIds(tx.sql, [id]))[0]!;
          if (!isDeepStrictEqual(host.labels, changed.labels)) publish(tx, changed);
          return { host: changed, userErrors: [] };
        }),
      );
    },
  };
}

/** A machine without an agent shows by its MAC addresses: the host that has one of them, or a new one without name and role. */
export async function noteMachine(tx: OutboxTransaction, macs: readonly string[], newId: string): Promise<HostRow> {
  const addresses = macs.map(mac => mac.toLowerCase());
  const known = await store.findByMacs(tx.sql, addresses);
  if (known) return known;
  const host = aBootedMachine(newId, addresses[0]!);
  await store.saveHost(tx.sql, host);
  publish(tx, host);
  return host;
}

/** What a boot has put into effect shows in a simulated machine at once, not with its next report. */
async function takeConfiguration(tx: OutboxTransaction, host: HostRow): Promise<HostRow> {
  const configured = await asConfigured(tx.sql, host);
  if (isDeepStrictEqual(configured.hardware, host.hardware)) return host;
  await store.saveHost(tx.sql, configured);
  await noteHardware(tx.sql, host, configured, tx.at);
  publish(tx, configured);
  return configured;
}

/** Two machines under one MAC address would take each other's place for ever: only the first is known. */
function noteRival(log: Logger, rival: Rival, { identity, managementMac }: HostReport): UserError {
  log.warn({ rival, identity, managementMac }, 'a second machine claims the management MAC of a host; not taken');
  const name = rival.hostname ?? rival.id;
  return {
    code: 'DUPLICATE_MAC',
    message: `${managementMac} is the management MAC address of host ${name}, which reports as ${rival.identity}. Give one of the two machines another address, or delete ${name} if it is gone.`,
    path: ['input', 'managementMac'],
  };
}

/** Tells followers of a host as it is now, and what happened to it: the region's faults keep that in their event log. */
export function publish(tx: OutboxTransaction, host: MirroredHost, events: readonly HostEvent[] = []): void {
  tx.append('HOST_CHANGED', host.id, () => (events.length === 0 ? mirrored(host) : { ...mirrored(host), events }));
}
