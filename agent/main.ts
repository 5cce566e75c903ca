// The agent's process: a source of hosts and a reporter for each region. Its own door tells its health, nothing else.
import path from 'node:path';
import { Agent } from 'undici';
import { authHeaders, type Config } from '../runtime/config.ts';
import { healthRoutes } from '../runtime/health.ts';
import { openDoor } from '../runtime/http-door.ts';
import type { Logger } from '../runtime/log.ts';
import type { Part } from '../runtime/part.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDoor } from './door-client.ts';
import type { HostSource } from './host-source.ts';
import { keepConfigurations } from './kept-configurations.ts';
import type { EventQueue } from './queue/event-queue.ts';
import { openEventQueue } from './queue/queue-folder.ts';
import { createRealSource } from './real/real-source.ts';
import { releaseDoor } from './release/release-door.ts';
import { type Reporter, startReporter } from './reporter.ts';
import { type SimulatedBmcs, simulatedBmcs } from './simulated/simulated-bmcs.ts';
import { createSimulatedSource } from './simulated/simulated-source.ts';
import { watchdog } from './watchdog.ts';

const REPORT_DEADLINE_MS = 5_000; // beats have a shorter one

export interface AgentOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly regions: readonly string[];
  /** False: one region, and the machine that the agent runs on. */
  readonly simulated: boolean;
}

/** An agent that is on its way: it can be closed before any region has answered. */
export interface OpenAgent extends Part {
  /** Resolves when each region has accepted the first report of all its hosts; stays open when closed before. */
  readonly started: Promise<void>;
  /** Events that wait, by region. */
  queued(): Readonly<Record<string, number>>;
}

/** Resolves when each region has accepted the first report of all its hosts; tries until then, or until the signal. */
export async function startAgent(options: AgentOptions & { readonly signal?: AbortSignal }): Promise<Part> {
  const { signal } = options;
  signal?.throwIfAborted();
  const agent = await withHealth(openAgent(options), options);
  if (signal) await untilAborted(agent.started, signal).catch(closeAndThrow(agent));
  else await agent.started;
  return agent;
}

/** Live from the start; ready once each region has accepted the first report. */
async function withHealth(agent: OpenAgent, { config, log, regions, simulated }: AgentOptions): Promise<OpenAgent> {
  let ready = false;
  agent.started.then(
    () => {
      ready = true;
    },
    () => undefined, // whoever waits for the start hears of it
  );
  const routes = healthRoutes(() => ({ ready, regions, simulated, queued: agent.queued() }));
  const door = await openDoor({ host: config.host, port: config.agent.port, routes, log }).catch(closeAndThrow(agent));
  return {
    ...agent,
    url: door.origin,
    close: async () => {
      await door.close();
      await agent.close();
    },
  };
}

function untilAborted(started: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    started.then(resolve, reject);
  });
}

const closeAndThrow =
  (agent: OpenAgent) =>
  async (error: unknown): Promise<never> => {
    await agent.close();
    throw error;
  };

export function openAgent({ config, log, regions, simulated }: AgentOptions): OpenAgent {
  checkRegions(config, regions, simulated);
  const clock = systemClock;
  const dispatcher = new Agent();
  const stopWatchdog = watchdog(clock, log);
  const bmcs = simulated && config.agent.simulatedBmcs ? simulatedBmcs(clock.now) : undefined;
  const queues = new Map<string, EventQueue>();
  const reporters = regions.map((region): Reporter => {
    const plainDoor = createDoor({
      region,
      url: config.doors[region]!,
      headers: authHeaders(config),
      dispatcher,
      clock,
      deadlineMs: REPORT_DEADLINE_MS,
    });
    const door = releaseDoor({ door: plainDoor, region, clock, log });
    const source = createSource(config, region, simulated, clock, bmcs, log);
    const queue = openEventQueue(config, region, simulated, log);
    queues.set(region, queue);
    return startReporter({ region, source, door, queue, clock, random: Math.random, log, intervals: config.agent });
  });
  return {
    queued: () => Object.fromEntries([...queues].map(([region, queue]) => [region, queue.size])),
    started: Promise.all(reporters.map(reporter => reporter.started)).then(() => undefined),
    async close() {
      stopWatchdog();
      await Promise.all(reporters.map(reporter => reporter.close()));
      await bmcs?.close();
      await dispatcher.destroy();
      await Promise.all([...queues.values()].map(queue => queue.close()));
    },
  };
}

function checkRegions(config: Config, regions: readonly string[], simulated: boolean): void {
  if (regions.length === 0) throw new Error('An agent needs a region to report to; none was given.');
  if (!simulated && regions.length > 1)
    throw new Error(`A machine belongs to one region; its agent was given ${regions.join(', ')}. Name one of them.`);
  for (const region of regions) {
    if (config.doors[region] === undefined)
      throw new Error(
        `Region ${region} has no door. Set doors.${region} (MURMUR_DOORS='{"${region}": "http://host:port/${region}"}').`,
      );
  }
}

function createSource(
  config: Config,
  region: string,
  simulated: boolean,
  clock: Clock,
  bmcs: SimulatedBmcs | undefined,
  log: Logger,
): HostSource {
  const { seed, simulatedBootMs, personality, hostActions, configureCommand, configureMs, watch } = config.agent;
  const folder = path.join(config.data, 'agent-configuration', simulated ? `${region}.simulated` : region);
  const kept = keepConfigurations(folder, log);
  if (simulated) return createSimulatedSource({ region, seed, now: clock.now, bootMs: simulatedBootMs, bmcs, kept });
  const isRoot = process.getuid?.() === 0;
  const actions = { allowed: hostActions, isRoot, command: configureCommand, commandMs: configureMs, kept };
  return createRealSource({ personality, watch, now: clock.now, actions });
}
