// Makes, changes and deletes host profiles.
import { z } from 'zod';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import { UpdateHostChecks } from '../hosts/host-input.ts';
import type { HostProfileRow } from './host-profile.ts';
import { NodalConfigurationChecks } from './nodal-configuration.ts';
import { countHosts, countProfiles, deleteProfile, findNamesake, findProfiles, saveProfile } from './profile-store.ts';

const ProfileChecks = z.object({
  name: z.string().regex(/^\S(.{0,61}\S)?$/u, 'A name has 1 to 63 characters, none of them a space at either end.'),
  description: z.string().max(1_000, 'At most 1,000 characters.').nullable().default(null),
  configuration: NodalConfigurationChecks.prefault({}),
  labels: UpdateHostChecks.shape.labels.transform(labels => labels ?? []),
});

/** What was left out stays as it is, or is empty in a new one. */
export interface ProfileInput {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly configuration?: object | null;
  readonly labels?: readonly object[] | null;
  readonly idempotencyKey?: string | null;
}

export interface ProfileUpdate extends ProfileInput {
  /** Local id. */
  readonly id: string;
  /** Refused when the profile has another version by now. */
  readonly version?: number | null;
}

export interface ProfileDeletion {
  /** Local id. */
  readonly id: string;
  readonly idempotencyKey?: string | null;
}

export interface ProfilePayload {
  readonly profile: HostProfileRow | null;
  readonly userErrors: readonly UserError[];
}

export interface ProfileService {
  create(input: ProfileInput): Promise<ProfilePayload>;
  update(input: ProfileUpdate): Promise<ProfilePayload>;
  delete(input: ProfileDeletion): Promise<ProfilePayload>;
}

export interface ProfileServiceDeps {
  readonly outbox: Outbox;
  newId(): string;
}

/** A region has a handful of kinds of hosts; more profiles than this are a program's mistake. */
const MOST_PROFILES = 1_000;

export function profileService({ outbox, newId }: ProfileServiceDeps): ProfileService {
  const refused = (...userErrors: UserError[]): ProfilePayload => ({ profile: null, userErrors });
  return {
    create: async ({ idempotencyKey, ...said }) => {
      const input = withoutNulls(said);
      const userErrors = inputErrors(ProfileChecks, input);
      if (userErrors.length > 0) return refused(...userErrors);
      return outbox.transaction(tx =>
        once(tx.sql, 'createHostProfile', idempotencyKey, input, refused, async () => {
          const checked = ProfileChecks.parse(input);
          if (await findNamesake(tx.sql, checked.name)) return refused(taken(checked.name));
          if ((await countProfiles(tx.sql)) >= MOST_PROFILES) return refused(FULL);
          const profile = { ...checked, id: newId(), version: 1, createdAt: tx.at, updatedAt: tx.at };
          await saveProfile(tx.sql, profile);
          return { profile, userErrors: [] };
        }),
      );
    },

    update: async ({ idempotencyKey, ...said }) => {
      const { id, version, ...input } = withoutNulls(said);
      const userErrors = inputErrors(ProfileChecks.partial(), input);
      if (userErrors.length > 0) return refused(...userErrors);
      return outbox.transaction(tx =>
        once(tx.sql, 'updateHostProfile', idempotencyKey, { id, version, ...input }, refused, async () => {
          const [known] = await findProfiles(tx.sql, [id]);
          if (!known) return refused(NOT_FOUND);
          if (version !== undefined && version !== known.version) return refused(changed(known.version));
          const profile = {
            ...known,
            ...ProfileChecks.parse({ ...known, ...input }),
            version: known.version + 1,
            updatedAt: tx.at,
          };
          const namesake = await findNamesake(tx.sql, profile.name);
          if (namesake && namesake.id !== id) return refused(taken(profile.name));
          await saveProfile(tx.sql, profile);
          return { profile, userErrors: [] };
        }),
      );
    },

    delete: ({ id, idempotencyKey }) =>
      outbox.transaction(tx =>
        once(tx.sql, 'deleteHostProfile', idempotencyKey, { id }, refused, async () => {
          const [known] = await findProfiles(tx.sql, [id]);
          if (!known) return refused(NOT_FOUND);
          const [inUse] = await countHosts(tx.sql, [id]);
          if (inUse) return refused(usedBy(inUse.n));
          await deleteProfile(tx.sql, id);
          return { profile: known, userErrors: [] };
        }),
      ),
  };
}

const NOT_FOUND: UserError = {
  code: 'NOT_FOUND',
  message: 'The region has no host profile with this id.',
  path: ['input', 'id'],
};

const FULL: UserError = {
  code: 'LIMIT_REACHED',
  message: `The region has ${MOST_PROFILES} host profiles: delete some first.`,
  path: ['input'],
};

const taken = (name: string): UserError => ({
  code: 'ALREADY_EXISTS',
  message: `The region has a host profile ${name}: choose another name, or change that one.`,
  path: ['input', 'name'],
});

const changed = (version: number): UserError => ({
  code: 'VERSION_CONFLICT',
  message: `The profile has version ${version} by now: read it again.`,
  path: ['input', 'version'],
});

const usedBy = (hosts: number): UserError => ({
  code: 'IN_USE',
  message: `${hosts === 1 ? 'One host has' : `${hosts} hosts have`} this profile: apply another one there first.`,
  path: ['input', 'id'],
});

/** At any depth: to say null is to say nothing. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(said.map(([field, part]) => [field, withoutNulls(part)])) as T;
}
