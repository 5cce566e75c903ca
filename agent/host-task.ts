// What a region asks of a host, and how a source of hosts takes it. Knows nothing of doors.

export type HostTaskKind = 'REBOOT' | 'SHUTDOWN' | 'REINSTALL' | 'APPLY_CONFIGURATION';

/** Either it will not, and why, for operators; or it can begin: told first, since a host that goes down tells nothing. */
export type HostTaskPlan = { readonly refusal: string } | { readonly refusal: null; begin(): Promise<void> };

export const refused = (refusal: string): HostTaskPlan => ({ refusal });
