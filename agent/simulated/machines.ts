// Which simulated hosts are up, and since which boot: an order or their power takes them down, and they boot for some
// seconds. Forgotten with the process: then all are up as the scenario has them.
import { createHash } from 'node:crypto';
import type { SimulatedPower } from './simulated-power.ts';

export interface SimulatedMachinesDeps {
  readonly power: SimulatedPower;
  /** Milliseconds that a boot of this host takes. */
  readonly bootMs: (hostname: string) => number;
  readonly now: () => number;
  /** It goes down, or on, and comes up by itself. */
  readonly onBoot?: (hostname: string) => void;
}

export interface SimulatedMachines {
  isUp(hostname: string): boolean;
  /** Milliseconds since the epoch; null while it has not booted since the scenario began. */
  bootedAt(hostname: string): number | null;
  bootId(hostname: string): string;
  /** It goes down at once and comes up by itself. */
  reboot(hostname: string): void;
}

export function simulatedMachines({ power, bootMs, now, onBoot }: SimulatedMachinesDeps): SimulatedMachines {
  const boots = new Map<string, number>();
  const boot = (hostname: string): void => {
    boots.set(hostname, now() + bootMs(hostname));
    onBoot?.(hostname);
  };
  power.onChange((hostname, on) => {
    if (on) boot(hostname);
  });
  const bootedAt = (hostname: string): number | null => boots.get(hostname) ?? null;
  return {
    isUp: hostname => power.isOn(hostname) && (bootedAt(hostname) ?? 0) <= now(),
    bootedAt,
    bootId: hostname =>
      createHash('sha256')
        .update(`${hostname}/${bootedAt(hostname)}`)
        .digest('hex')
        .slice(0, 32),
    reboot: hostname => {
      if (power.isOn(hostname)) boot(hostname);
    },
  };
}
