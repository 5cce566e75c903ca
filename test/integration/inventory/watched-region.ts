// A region's inventory on a database of its own, without a door, with the watch over its hosts under a clock that the
// test moves: a beat each second, hosts looked at whenever the clock is moved.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { ConfigInput } from '../../../runtime/config.ts';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import { hostWatch } from '../../../subgraphs/edge/inventory/detection/host-watch.ts';
import { listening } from '../../../subgraphs/edge/inventory/detection/listening.ts';
import { recoveries } from '../../../subgraphs/edge/inventory/detection/recoveries.ts';
import { hostService } from '../../../subgraphs/edge/inventory/hosts/host-service.ts';
import type { Evacuation } from '../../../subgraphs/edge/inventory/lifecycle/evacuation.ts';
import { noPower } from '../../../subgraphs/edge/inventory/lifecycle/host-power.ts';
import { openLifecycle } from '../../../subgraphs/edge/inventory/lifecycle/lifecycle.ts';
import { inventoryTables } from '../../../subgraphs/edge/inventory/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aHost } from '../../support/builders.ts';
import { nothingPending } from '../../support/idle-seams.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';

const left = leftovers();
const BEAT_MS = 1_000;

/** No host here has a BMC. */
const noSecrets = { seal: async () => '', open: async () => null };

/** `orders`: recoveries are carried out by the real lifecycle; else they are only noted. */
export async function aWatchedRegion(inventory: NonNullable<ConfigInput['inventory']> = {}, { orders = false } = {}) {
  const {
    heartbeat,
    recovery,
    lifecycle: times,
  } = testConfig({
    inventory: { ...inventory, heartbeat: { degradeAfterMissed: 2, failAfterMissed: 3, ...inventory.heartbeat } },
  }).inventory;
  let at = Date.parse('2026-03-01T12:00:00.000Z');
  const now = () => new Date(at);
  const database = uniquePrefix();
  const tables = inventoryTables;
  const dataSource = await openDatabase({ url: inject('databaseUrl'), database, tables, poolSize: 3, log: quiet });
  left.add(() => dataSource.destroy());
  const outbox = openOutbox({ dataSource, channel: 'inventory_outbox', now });
  const commands: string[] = [];
  const evacuated: string[] = [];
  const power = {
    ...noPower,
    reason: noPower.available({ bmc: null }) as string | null,
    available: () => power.reason,
  };
  const evacuation: Evacuation = {
    evacuate: async (host, { force }) => {
      evacuated.push(`${host.hostname} ${force}`);
      return { done: true, remaining: 0, blockedBy: [] };
    },
  };
  const deps = { dataSource, outbox, power, evacuation, configuration: nothingPending, times, log: quiet, now };
  const { service, runner, stop } = openLifecycle({ ...deps, newId: randomUUID });
  left.add(stop);
  const lifecycle = {
    ...service,
    command: async (...[hostId, command]: Parameters<typeof service.command>) => {
      commands.push(`${command} ${await nameOf(hostId)}`);
      return orders ? service.command(hostId, command) : { host: null, job: null, userErrors: [] };
    },
  };
  const open = () => {
    const recovering = recoveries({ ...deps, lifecycle, settings: recovery });
    const watch = hostWatch({
      ...deps,
      lifecycle,
      recoveries: recovering,
      catalogue: readCatalogue(),
      settings: heartbeat,
      beatMs: BEAT_MS,
    });
    return {
      watch,
      recovering,
      hosts: listening(
        hostService({ ...deps, lifecycle, redeclare: async () => [], secrets: noSecrets, newId: randomUUID }),
        watch,
      ),
    };
  };
  let running = open();
  const idOf = new Map<string, string>();
  const nameOf = async (id: string) => [...idOf].find(([, other]) => other === id)?.[0];
  const beat = (...names: string[]) =>
    running.hosts.heartbeats(
      names.map(name => ({ id: idOf.get(name)!, uptimeSeconds: 100 })),
      null,
    );
  return {
    dataSource,
    outbox,
    commands,
    runJobs: () => runner.turn(),
    report: service.report,
    evacuated,
    power,
    beat,
    idOf: (name: string) => idOf.get(name)!,
    beatEvery: (everyMs: number, ...names: string[]) =>
      running.hosts.heartbeats(
        names.map(name => ({ id: idOf.get(name)!, uptimeSeconds: 100 })),
        everyMs,
      ),
    add: async (...names: string[]) => {
      for (const hostname of names) idOf.set(hostname, (await running.hosts.report(aHost({ hostname }))).host!.id);
    },
    /** Time goes by in steps of a look; these hosts beat each second. */
    pass: async (ms: number, ...beating: string[]) => {
      const end = at + ms;
      while (at < end) {
        const before = at;
        at = Math.min(end, at + running.watch.everyMs);
        const isBeat = Math.floor(at / BEAT_MS) > Math.floor(before / BEAT_MS);
        if (isBeat && beating.length > 0) await beat(...beating);
        await running.watch.look();
        await running.recovering.settled();
      }
    },
    /** The clock goes on, and nobody looks: the region is stopped. */
    leap: (ms: number) => {
      at += ms;
    },
    look: () => running.watch.look(),
    restart: () => {
      running = open();
    },
    states: async (...names: string[]) => {
      const found = await rows<{ hostname: string; availability: string }>(
        dataSource,
        'select hostname, availability from host',
      );
      return names.map(name => found.find(host => host.hostname === name)!.availability);
    },
    conditions: async (name: string) =>
      (
        await rows<{ line: string }>(
          dataSource,
          `select alarm_id || ' ' || severity as line from host_condition where host_id = $1 order by 1`,
          [idOf.get(name)],
        )
      ).map(({ line }) => line),
    words: async (name: string, alarmId: string) =>
      (
        await rows<{ words: string }>(
          dataSource,
          'select reason_text as words from host_condition where host_id = $1 and alarm_id = $2',
          [idOf.get(name), alarmId],
        )
      )[0]?.words,
    /** Of storms. */
    events: async () =>
      (
        await rows<{ line: string }>(
          dataSource,
          `select ("row" ->> 'hostname') || (event ->> 'instance') as line from outbox
           cross join json_array_elements("row" -> 'events') as event
           where event ->> 'eventId' = '200.020' order by sequence`,
        )
      ).map(({ line }) => line),
  };
}
