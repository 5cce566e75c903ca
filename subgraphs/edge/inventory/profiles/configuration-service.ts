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
import type { ConfigurationFailure, PendingConfiguration } from '../lifecycle/pending-configuration.ts';
import type { ConfigurationChange } from './configuration-diff.ts';
import { partsOf, takenOf } from './configuration-parts.ts';
import { findConfigurations, saveConfiguration } from './configuration-store.ts';
import { misfits } from './hardware-fit.ts';
import { fitHost, type ProfilePlan, planProfile, UNKNOWN_HARDWARE } from './profile-plan.ts';
import { findProfiles } from './profile-store.ts';
import { seenDifferences } from './seen-differences.ts';

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
            failures: [],
          });
          await keepLabels(tx, host, plan);
          await tellWaiting(tx, id, isWaiting ? [] : null);
          return { host: { ...host, labels: plan.labels }, diff, userErrors };
        }),
      );
    },

    waiting: async (sql, hostIds) => {
      const waiting = (await findConfigurations(sql, hostIds)).filter(({ pending }) => pending !== null);
      if (waiting.length === 0) return new Map();
      const hosts = await findByIds(
        sql,
        waiting.map(({ hostId }) => hostId),
      );
      return new Map(
        hosts.map((host): readonly [string, readonly string[]] => {
          const { pending, applied } = waiting.find(({ hostId }) => hostId === host.id)!;
          const fit = fitHost(host, applied);
          if (!fit) return [host.id, [UNKNOWN_HARDWARE]];
          const faults = misfits(pending!, fit);
          return [host.id, faults.map(({ path, message }) => `Configuration, ${path.join('.')}: ${message}`)];
        }),
      );
    },

    tried: async (tx, hostId, failures) => {
      const [known] = await findConfigurations(tx.sql, [hostId]);
      if (!known?.pending) return;
      const parts = partsOf(known.pending); // of anything else nobody could make up
      const ofPending = onePerPart(failures.filter(({ part }) => parts.includes(part)));
      await saveConfiguration(tx.sql, { ...known, failures: ofPending });
    },

    settle: async (tx, hostId) => {
      const [known] = await findConfigurations(tx.sql, [hostId]);
      if (!known?.pending) return;
      const [host] = await findByIds(tx.sql, [hostId]);
      const { pending } = known;
      const seen = host?.hardware ? seenDifferences(pending, host.hardware) : [];
      const failures = onePerPart([...known.failures, ...seen]);
      const isTaken = failures.length === 0;
      await saveConfiguration(tx.sql, {
        ...known,
        pending: isTaken ? null : pending,
        pendingSince: isTaken ? null : known.pendingSince,
        applied: takenOf(pending, known.applied, new Set(failures.map(({ part }) => part))),
        appliedAt: tx.at,
        failures,
      });
      await tellWaiting(tx, hostId, isTaken ? null : failures);
    },
  };
}

const onePerPart = (failures: readonly ConfigurationFailure[]): ConfigurationFailure[] => [
  ...new Map(failures.toReversed().map(failure => [failure.part, failure])).values(),
];

async function keepLabels(tx: OutboxTransaction, host: HostRow, { labels }: ProfilePlan): Promise<void> {
  if (isDeepStrictEqual(labels, host.labels)) return;
  await saveLabels(tx.sql, host.id, labels);
  publish(tx, { ...host, labels });
}

/** Null when nothing waits any more; the failures of the unlock before, if there are any. */
async function tellWaiting(
  tx: OutboxTransaction,
  hostId: string,
  failures: readonly ConfigurationFailure[] | null,
): Promise<void> {
  const condition = {
    alarmId: '250.001',
    instance: '',
    severity: 'MAJOR',
    reasonText: inWords(failures ?? []),
  } as const;
  await setConditions(tx, hostId, 'configuration', failures === null ? [] : [condition]);
}

const MOST_NAMED = 3;

function inWords(failures: readonly ConfigurationFailure[]): string {
  if (failures.length === 0) return 'Configuration is out-of-date: it takes effect when the host is unlocked.';
  const named = failures.slice(0, MOST_NAMED).map(({ part, message }) => `${part}: ${message}`);
  const more = failures.length > MOST_NAMED ? ` And ${failures.length - MOST_NAMED} more.` : '';
  return `Configuration is out-of-date: the host could not take all of it. ${named.join(' ')}${more}`.slice(0, 1_000);
}

const unknown = (what: string, field: string): UserError => ({
  code: 'NOT_FOUND',
  message: `The region has no ${what} with this id.`,
  path: ['input', field],
});
