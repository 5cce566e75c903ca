// What a region asks of a host, and how a source of hosts takes it. Knows nothing of doors.
import type { NodalConfiguration } from './configuration.ts';

export type HostTaskKind = 'REBOOT' | 'REINSTALL' | 'APPLY_CONFIGURATION';

export type HostTaskOrder =
  | { readonly kind: Exclude<HostTaskKind, 'APPLY_CONFIGURATION'> }
  | { readonly kind: 'APPLY_CONFIGURATION'; readonly configuration: NodalConfiguration };

/** What became of a part of a configuration. */
export interface PartOutcome {
  /** `memory[0]` */
  readonly part: string;
  /** Why it was not done, for operators; null when it was. */
  readonly refusal: string | null;
}

/**
 * Either it will not, and why, for operators; or it can begin: told first, since a host that goes down tells nothing. What
 * it began ends with the signal. Null for what shows in the host itself; may be begun twice.
 */
export type HostTaskPlan =
  | { readonly refusal: string }
  | { readonly refusal: null; begin(signal: AbortSignal): Promise<readonly PartOutcome[] | null> };

export const refused = (refusal: string): HostTaskPlan => ({ refusal });
