// What applying a profile to a host would do, and why it cannot be done. Pure.
import type { UserError } from '../../../../schema/errors.ts';
import type { HostRow, Label } from '../hosts/host.ts';
import { type ConfigurationChange, diffConfiguration, diffLabels } from './configuration-diff.ts';
import { type FitHost, misfits } from './hardware-fit.ts';
import type { HostConfigurationRow } from './host-configuration.ts';
import type { HostProfileRow } from './host-profile.ts';
import { NOTHING, type NodalConfiguration } from './nodal-configuration.ts';

export interface ProfilePlan {
  /** All that the host is to be configured as. */
  readonly wanted: NodalConfiguration;
  /** What of it waits for the next unlock. */
  readonly waiting: readonly ConfigurationChange[];
  readonly labels: readonly Label[];
  /** `waiting`, and the labels, which take effect at once. */
  readonly diff: readonly ConfigurationChange[];
  readonly userErrors: readonly UserError[];
}

const MOST_LABELS = 64;

export function planProfile(host: HostRow, known: HostConfigurationRow | null, profile: HostProfileRow): ProfilePlan {
  const applied = known?.applied ?? NOTHING;
  const wanted = merged(known?.pending ?? applied, profile.configuration);
  const waiting = diffConfiguration(applied, wanted, host.hardware);
  const labels = mergedLabels(host.labels, profile.labels);
  const isConfigured = Object.values(profile.configuration).some(section => section.length > 0);
  return {
    wanted,
    waiting,
    labels,
    diff: [...waiting, ...diffLabels(host.labels, labels)],
    userErrors: [
      ...(isConfigured ? fitErrors(host, wanted, applied, profile.configuration) : []),
      ...(isConfigured && waiting.length > 0 && host.administrative !== 'LOCKED' ? [UNLOCKED] : []),
      ...(labels.length > MOST_LABELS ? [TOO_MANY_LABELS] : []),
    ],
  };
}

const UNLOCKED: UserError = {
  code: 'HOST_UNLOCKED',
  message: 'The host is unlocked: lock it first. Only labels may be changed in service.',
  path: ['input', 'id'],
};

const TOO_MANY_LABELS: UserError = {
  code: 'TOO_LONG',
  message: `With these the host would have more than ${MOST_LABELS} labels.`,
  path: ['input', 'profile', 'labels'],
};

/** Nodes one by one; other sections as a whole, for their parts stand on each other. */
function merged(before: NodalConfiguration, profile: NodalConfiguration): NodalConfiguration {
  const others = <T extends { readonly node: number }>(old: readonly T[], said: readonly T[]): T[] =>
    old.filter(({ node }) => said.every(assignment => assignment.node !== node));
  const whole = <T>(old: readonly T[], said: readonly T[]): readonly T[] => (said.length > 0 ? said : old);
  return {
    cpu: [...profile.cpu, ...others(before.cpu, profile.cpu)],
    memory: [...profile.memory, ...others(before.memory, profile.memory)],
    interfaces: whole(before.interfaces, profile.interfaces),
    partitions: whole(before.partitions, profile.partitions),
    storage: whole(before.storage, profile.storage),
  };
}

/** The host's other labels stay. */
const mergedLabels = (before: readonly Label[], said: readonly Label[]): Label[] => [
  ...before.map(label => said.find(({ key }) => key === label.key) ?? label),
  ...said.filter(({ key }) => before.every(label => label.key !== key)),
];

function fitErrors(
  host: HostRow,
  wanted: NodalConfiguration,
  applied: NodalConfiguration,
  profile: NodalConfiguration,
): UserError[] {
  const fit = fitHost(host, applied);
  if (!fit) return [{ code: 'DOES_NOT_FIT', message: `${UNKNOWN_HARDWARE} Start it first.`, path: ['input', 'id'] }];
  return misfits(wanted, fit).map(({ path, message }) => ({
    code: 'DOES_NOT_FIT',
    message,
    path: ['input', 'profile', ...(isSaidBy(profile, path) ? ['configuration', ...path.map(String)] : [])],
  }));
}

export const UNKNOWN_HARDWARE = 'Nobody knows the hardware of this host: its agent has not reported.';

/** What is wanted begins with what the profile says: the rest was wanted before. */
const isSaidBy = (profile: NodalConfiguration, [section, place]: readonly (string | number)[]): boolean =>
  Number(place ?? 0) < profile[section as keyof NodalConfiguration].length;

/** Null when its agent has not reported. */
export const fitHost = (host: HostRow, applied: NodalConfiguration | null): FitHost | null =>
  host.hardware === null
    ? null
    : {
        hardware: host.hardware,
        managementMac: host.managementMac,
        rootDevice: host.install?.rootfsDevice ?? null,
        storageInUse: applied?.storage ?? [],
      };
