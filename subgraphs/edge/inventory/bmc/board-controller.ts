// What a region asks of a board management controller, whatever it speaks. Every call goes over the network, ends with its
// signal, and throws a BmcError.
import type { Measured } from './sensor.ts';

export type Protocol = 'REDFISH' | 'IPMI';

/** Redfish's `PoweringOn` and `PoweringOff` are ways, not states: what it is on its way from. */
export type PowerState = 'ON' | 'OFF';

/** RESET: at once, without asking the operating system. CYCLE: off and on again. */
export type PowerAction = 'ON' | 'GRACEFUL_OFF' | 'FORCE_OFF' | 'CYCLE' | 'RESET';

export interface LogEntry {
  /** The BMC's own; it may begin anew after the log was cleared. */
  readonly id: string;
  /** RFC 3339; null when the BMC does not know the time. */
  readonly at: string | null;
  readonly severity: 'OK' | 'WARNING' | 'CRITICAL' | null;
  readonly message: string;
}

export interface BmcLog {
  /** How many the log holds; smaller than before means that it was cleared. */
  readonly total: number;
  /** Those that were not known, in any order. */
  readonly entries: readonly LogEntry[];
}

export interface EventTarget {
  /** Where the BMC posts what happens: holds the key that tells it from others. */
  readonly url: string;
  /** Of an earlier subscription, which is taken away; null for none. */
  readonly before: string | null;
}

export interface BoardController {
  readonly protocol: Protocol;
  power(signal: AbortSignal): Promise<PowerState>;
  act(action: PowerAction, signal: AbortSignal): Promise<void>;
  /** The next boot only. */
  bootOnce(from: 'PXE', signal: AbortSignal): Promise<void>;
  sensors(signal: AbortSignal): Promise<readonly Measured[]>;
  /** Null when it keeps no log. `known` are ids that need not be read again. */
  log(known: (id: string) => boolean, signal: AbortSignal): Promise<BmcLog | null>;
  /** Answers where the subscription lies; null when it cannot post events. */
  subscribe(target: EventTarget, signal: AbortSignal): Promise<string | null>;
  isSubscribed(subscription: string, signal: AbortSignal): Promise<boolean>;
  /** Logs out, for a moment at most. Never rejects. */
  close(): Promise<void>;
}
