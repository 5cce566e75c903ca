// Which simulated hosts are switched on: what their board management controllers switch, and their agents live by.

export interface SimulatedPower {
  isOn(hostname: string): boolean;
  set(hostname: string, on: boolean): void;
  /** Called after each change; the answer ends that. */
  onChange(listener: (hostname: string, on: boolean) => void): () => void;
}

/** All are on at first. */
export function simulatedPower(): SimulatedPower {
  const off = new Set<string>();
  const listeners = new Set<(hostname: string, on: boolean) => void>();
  return {
    isOn: hostname => !off.has(hostname),
    set: (hostname, on) => {
      if (on !== off.has(hostname)) return; // as it is already
      if (on) off.delete(hostname);
      else off.add(hostname);
      for (const listener of listeners) listener(hostname, on);
    },
    onChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
