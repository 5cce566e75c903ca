// A scenario as a source of hosts: gives it the time, and remembers up to when it told what happened.
import type { HostSource } from '../host-source.ts';
import { createScenario } from './scenario.ts';

export interface SimulatedSourceDeps {
  readonly region: string;
  readonly seed: number;
  readonly now: () => number;
}

export function createSimulatedSource({ region, seed, now }: SimulatedSourceDeps): HostSource {
  const scenario = createScenario(seed, region);
  const startedAt = now();
  let toldUntil = startedAt;
  return {
    discover: async () => scenario.hostsAt(now()),
    vitals: async () => scenario.vitalsAt(now()),
    usage: async () => scenario.usageAt(now()),
    software: async () => scenario.software,
    checks: async () => scenario.checksAt(startedAt, now()),
    standingAlarms: () => scenario.standingAlarms,
    startEvents: () => scenario.startEventsAt(now()),
    events: () => {
      const from = toldUntil;
      toldUntil = now();
      return scenario.eventsBetween(from, toldUntil);
    },
  };
}
