// A scenario as a source of hosts: gives it the time, nothing else.
import type { HostSource } from '../host-source.ts';
import { createScenario } from './scenario.ts';

export interface SimulatedSourceDeps {
  readonly region: string;
  readonly seed: number;
  readonly now: () => number;
}

export function createSimulatedSource({ region, seed, now }: SimulatedSourceDeps): HostSource {
  const scenario = createScenario(seed, region);
  return {
    discover: async () => scenario.hostsAt(now()),
    vitals: async () => scenario.vitalsAt(now()),
    usage: async () => scenario.usageAt(now()),
    software: async () => scenario.software,
    standingAlarms: () => scenario.standingAlarms,
  };
}
