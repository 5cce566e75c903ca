// Gives hosts their configuration: a profile is noted while the host is locked and takes effect at its next unlock, which
// its region's alarm 250.001 says meanwhile.
import { isDeepStrictEqual } from 'node:util';
import type { UserError } from '../../../../schema/errors.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import { setConditions } from '../conditions/set-conditions.ts';
import type { HostRow } from '../hosts/host.ts';
import { publish } from '../hosts/host-service.ts';
import { findByIds, saveLabels } from '../hosts/host-store.ts';
import type { PendingConfiguration } from '../lifecycle/pending-configuration.ts';
import type { ConfigurationChange } from './configuration-diff.ts';
import { findConfigurations, saveConfiguration } from './configuration-store.ts';
import { misfits } from './hardware-fit.ts';
import { fitHost, type ProfilePlan, planProfile, UNKNOWN_HARDWARE } from './profile-plan.ts';
import { findProfiles } from './profile-store.ts';

export interface ApplyProfileInput {
  /** Local id of the host. */
  readonly id: string;
  /** Local id. */
  readonly profile: string;
  readonly dryRun: boolean;
  readonly idempotencyKey?: string | null;
}

export interface ApplyProfilePayload {
  /** Null when refused. */
  readonly host: HostRow | null;
  /** Told also when refused, as far as it could be made. */
  readonly diff: readonly ConfigurationChange[];
  readonly userErrors: readonly UserError[];
}

export interface ConfigurationService extends PendingConfiguration {
  applyProfile(input: ApplyProfileInput): Promise<ApplyProfilePayload>;
}

export function configurationService({ outbox }: { readonly outbox: Outbox }): ConfigurationService {
  return {
    applyProfile: ({ idempotencyKey, ...input }) => {
      const refused = (error: UserError): ApplyProfilePayload => ({ host: null, diff: [], userErrors: [error] });
      const { id, profile: profileId, dryRun } = input;
      return outbox.transaction(tx =>
        once(tx.sql, 'applyHostProfile', idempotencyKey, input, refused, async () => {
          const [host] = await findByIds(tx.sql, [id]);
          if (!host) return refused(unknown('host', 'id'));
          const [profile] = await findProfiles(tx.sql, [profileId]);
          if (!profile) return refused(unknown('host profile', 'profile'));
          const [known] = await findConfigurations(tx.sql, [id]);
          const plan = planProfile(host, known ?? null, profile);
          const { diff, userErrors } = plan;
          if (userErrors.length > 0) return { host: null, diff, userErrors };
          if (dryRun) return { host, diff, userErrors };
          const isWaiting = plan.waiting.length > 0;
          await saveConfiguration(tx.sql, {
            hostId: id,
            profileId,
            profileVersion: profile.version,
            pending: isWaiting ? plan.wanted : null,
            pendingSince: isWaiting ? (known?.pendingSince ?? tx.at) : null,
            applied: isWaiting ? (known?.applied ?? null) : plan.wanted,
            appliedAt: isWaiting ? (known?.appliedAt ?? null) : tx.at,
          });
          await keepLabels(tx, host, plan);
          await tellWaiting(tx, id, isWaiting);
          return { host: { ...host, labels: plan.labels }, diff, userErrors };
        }),
      );
    },

    refusals: async (sql, hostIds) => {
      const waiting = (await findConfigurations(sql, hostIds)).filter(({ pending }) => pending !== null);
      if (waiting.length === 0) return new Map();
      const hosts = await findByIds(
        sql,
        waiting.map(({ hostId }) => hostId),
      );
      const refused = hosts.map((host): readonly [string, readonly string[]] => {
        const { pending, applied } = waiting.find(({ hostId }) => hostId === host.id)!;
        const fit = fitHost(host, applied);
        if (!fit) return [host.id, [UNKNOWN_HARDWARE]];
        const faults = misfits(pending!, fit);
        return [host.id, faults.map(({ path, message }) => `Configuration, ${path.join('.')}: ${message}`)];
      });
      return new Map(refused.filter(([, sentences]) => sentences.length > 0));
    },

    waiting: async (sql, hostIds) => {
      const known = await findConfigurations(sql, hostIds);
      return new Set(known.filter(({ pending }) => pending !== null).map(({ hostId }) => hostId));
    },

    apply: async (tx, hostId) => {
      const [known] = await findConfigurations(tx.sql, [hostId]);
      if (!known?.pending) return;
      const { pending } = known;
      await saveConfiguration(tx.sql, {
        ...known,
        pending: null,
        pendingSince: null,
        applied: pending,
        appliedAt: tx.at,
      });
      await tellWaiting(tx, hostId, false);
    },
  };
}

async function keepLabels(tx: OutboxTransaction, host: HostRow, { labels }: ProfilePlan): Promise<void> {
  if (isDeepStrictEqual(labels, host.labels)) return;
  await saveLabels(tx.sql, host.id, labels);
  publish(tx, { ...host, labels });
}

async function tellWaiting(tx: OutboxTransaction, hostId: string, isWaiting: boolean): Promise<void> {
  const reasonText = 'Configuration is out-of-date: it takes effect when the host is unlocked.';
  const condition = { alarmId: '250.001', instance: '', severity: 'MAJOR', reasonText } as const;
  await setConditions(tx, hostId, 'configuration', isWaiting ? [condition] : []);
}

const unknown = (what: string, field: string): UserError => ({
  code: 'NOT_FOUND',
  message: `The region has no ${what} with this id.`,
  path: ['input', field],
});
