// What may be wrong with a simulated BMC, to be set and taken back while it runs.

export interface BoardFaults {
  /** Every answer comes this late. */
  delayMs: number;
  /** So many of the next requests are answered with 503. */
  unavailable: number;
  /** What those say in Retry-After; null for nothing. */
  retryAfter: string | null;
  /** Connections are cut without an answer. */
  unreachable: boolean;
  /** Answers are HTML with status 200. */
  garbage: boolean;
  /** Answers end in the middle. */
  truncated: boolean;
  /** Answers are larger than any client should take. */
  bloated: boolean;
  /** Members with these names are left out of every resource. */
  missing: readonly string[];
  /** Reset types it offers; null for the usual ones. */
  resetTypes: readonly string[] | null;
  /** Takes orders to switch the power, and does nothing. */
  stuckPower: boolean;
  /** Sends weak ETags and takes them only in their strong form. */
  fussyEtags: boolean;
  /** Refusals repeat what was sent, the password too. */
  echoes: boolean;
  /** Takes no subscription that names a format, as services before EventService 1.3. */
  oldEvents: boolean;
}

export const noFaults = (): BoardFaults => ({
  delayMs: 0,
  unavailable: 0,
  retryAfter: null,
  unreachable: false,
  garbage: false,
  truncated: false,
  bloated: false,
  missing: [],
  resetTypes: null,
  stuckPower: false,
  fussyEtags: false,
  echoes: false,
  oldEvents: false,
});
