// How the region switches a host's power from outside: by its board management controller. Only the seam; bmc/ has the real one.
import type { HostRow } from '../hosts/host.ts';

export type PowerState = 'ON' | 'OFF';

/** Why a power action did not happen. RETRY: may work in a moment (busy, unreachable). REFUSED: not without an operator's doing. */
export type PowerErrorCode = 'RETRY' | 'REFUSED';

export class PowerError extends Error {
  readonly code: PowerErrorCode;
  /** `message` is shown to operators: what is, and what to do. */
  constructor(code: PowerErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PowerError';
    this.code = code;
  }
}

/** All but `available` go over the network, may be repeated, and throw a PowerError. */
export interface HostPower {
  /** Why the power of this host cannot be switched, in plain words; null when it can. Looks at the host only. */
  available(host: Pick<HostRow, 'bmc'>): string | null;
  state(host: HostRow, signal: AbortSignal): Promise<PowerState>;
  on(host: HostRow, signal: AbortSignal): Promise<void>;
  off(host: HostRow, signal: AbortSignal): Promise<void>;
  reset(host: HostRow, signal: AbortSignal): Promise<void>;
  /** The next boot only. */
  bootOnce(host: HostRow, from: 'PXE', signal: AbortSignal): Promise<void>;
}

const NO_BMC = 'it has no board management controller: give it one with its address, user and password';

const refuse = async (): Promise<never> => {
  throw new PowerError('REFUSED', NO_BMC);
};

/** No host has power that can be switched. */
export const noPower: HostPower = {
  available: () => NO_BMC,
  state: refuse,
  on: refuse,
  off: refuse,
  reset: refuse,
  bootOnce: refuse,
};
