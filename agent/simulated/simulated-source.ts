// A scenario as a source of hosts: gives it the time, and remembers up to when it told what happened.
import type { NodalConfiguration } from '../configuration.ts';
import type { HostSource } from '../host-source.ts';
import { refused } from '../host-task.ts';
import type { KeptConfigurations } from '../kept-configurations.ts';
import type { HostReport } from '../report.ts';
import { configuredHost } from './configured-machine.ts';
import { simulatedMachines } from './machines.ts';
import { createRandom } from './random.ts';
import { createScenario } from './scenario.ts';
import type { SimulatedBmcs } from './simulated-bmcs.ts';
import { type SimulatedPower, simulatedPower } from './simulated-power.ts';

export interface SimulatedSourceDeps {
  readonly region: string;
  readonly seed: number;
  readonly now: () => number;
  /** About how long a boot takes, in milliseconds; each host is up to a third faster or slower. */
  readonly bootMs: number;
  /** What the hosts' board management controllers switch. */
  readonly power?: SimulatedPower;
  /** Gives them those controllers; without it they have none. */
  readonly bmcs?: Pick<SimulatedBmcs, 'withBmc'> | undefined;
  /** How its hosts were configured when it ran before; without it they forget that. */
  readonly kept?: KeptConfigurations;
}

export function createSimulatedSource(deps: SimulatedSourceDeps): HostSource {
  const { region, seed, now, power = simulatedPower(), bmcs, kept } = deps;
  const scenario = createScenario(seed, region);
  const pace = createRandom(`${seed}/${region}/boots`);
  const bootMs = (): number => Math.round(deps.bootMs * (1 + (pace.next() * 2 - 1) / 3));
  const waiting = new Map<string, NodalConfiguration>();
  const configured = new Map<string, NodalConfiguration>();
  const onBoot = (hostname: string): void => {
    const configuration = waiting.get(hostname);
    if (configuration) configured.set(hostname, configuration);
    waiting.delete(hostname);
  };
  const machines = simulatedMachines({ power, bootMs, now, onBoot });
  const nameOf = new Map(scenario.hostsAt(now()).map(({ identity, hostname }) => [identity, hostname]));
  const hostnameOf = (identity: string): string => nameOf.get(identity) ?? identity;
  /** A host that is down says nothing; one that has booted counts from then. */
  const asBooted = <T extends { readonly identity: string; readonly uptimeSeconds: number }>(said: readonly T[]): T[] =>
    said.flatMap(host => {
      const hostname = hostnameOf(host.identity);
      if (!machines.isUp(hostname)) return [];
      const since = machines.bootedAt(hostname);
      const uptimeSeconds = since === null ? host.uptimeSeconds : Math.floor((now() - since) / 1_000);
      return [{ ...host, uptimeSeconds, bootId: machines.bootId(hostname) }];
    });
  for (const [identity, hostname] of nameOf) {
    const configuration = kept?.of(identity);
    if (configuration) configured.set(hostname, configuration);
  }
  const asConfigured = (host: HostReport): HostReport => {
    const configuration = configured.get(hostnameOf(host.identity));
    return configuration ? configuredHost(host, configuration) : host;
  };
  const startedAt = now();
  let toldUntil = startedAt;
  return {
    discover: () =>
      Promise.all(
        asBooted(scenario.hostsAt(now()))
          .map(asConfigured)
          .map(host => bmcs?.withBmc(region, host, power) ?? host),
      ),
    vitals: async () => asBooted(scenario.vitalsAt(now())),
    usage: async () => scenario.usageAt(now()).filter(({ hostname }) => machines.isUp(hostname)),
    software: async () => scenario.software.filter(({ identity }) => machines.isUp(hostnameOf(identity))),
    checks: async () =>
      scenario.checksAt(startedAt, now()).filter(({ identity }) => machines.isUp(hostnameOf(identity))),
    standingAlarms: () => scenario.standingAlarms,
    startEvents: () => scenario.startEventsAt(now()),
    events: () => {
      const from = toldUntil;
      toldUntil = now();
      return scenario.eventsBetween(from, toldUntil);
    },
    plan: (identity, order) => {
      if (!nameOf.has(identity)) return refused('it does not know this host.');
      return {
        refusal: null,
        begin: async () => {
          if (order.kind === 'APPLY_CONFIGURATION') {
            kept?.keep(identity, order.configuration);
            waiting.set(hostnameOf(identity), order.configuration);
            return []; // all of it, with its next boot
          }
          machines.reboot(hostnameOf(identity));
          return null;
        },
      };
    },
  };
}
