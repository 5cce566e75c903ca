// A region's inventory without doors, on a clock of the test's own: hosts, workloads as they are wished, and their room.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { ConfigInput } from '../../../runtime/config.ts';
import { findConditions } from '../../../subgraphs/edge/inventory/conditions/condition-store.ts';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { afterReport, type HostReport } from '../../../subgraphs/edge/inventory/hosts/host-report.ts';
import { findByIds, noteHeartbeats, saveHost } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { inventoryTables } from '../../../subgraphs/edge/inventory/tables.ts';
import type { WorkloadRow } from '../../../subgraphs/edge/inventory/workloads/workload.ts';
import { openWorkloads, type WorkloadRoom } from '../../../subgraphs/edge/inventory/workloads/workload-room.ts';
import {
  findAllWorkloads,
  findHosts,
  replaceBudgets,
  saveWorkloads,
} from '../../../subgraphs/edge/inventory/workloads/workload-store.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aHost } from '../../support/builders.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

export type Stage = Awaited<ReturnType<typeof aStage>>;

export async function aStage() {
  const url = inject('databaseUrl');
  const database = uniquePrefix();
  const dataSource = await openDatabase({ url, database, tables: inventoryTables, poolSize: 4, log: quiet });
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const outbox = openOutbox({ dataSource, channel: 'inventory_outbox', now });
  let room: WorkloadRoom | undefined;
  const stage = {
    dataSource,
    pass: (ms: number): void => {
      ahead += ms;
    },
    open: async (settings: ConfigInput): Promise<void> => {
      const config = testConfig(settings);
      room = await openWorkloads({ region: 'lagos-1', config, dataSource, outbox, log: quiet, everyMs: 50, now });
    },
    /** As a crash leaves it: what it has in memory is gone. */
    shut: async (): Promise<void> => {
      await room?.close();
      room = undefined;
    },
    /** As it was at first: much faster than another database. */
    reset: async (): Promise<void> => {
      await stage.shut();
      await rows(dataSource, 'truncate host, workload, disruption_budget, outbox cascade');
      ahead = 0;
    },
    close: async (): Promise<void> => {
      await stage.shut();
      await dataSource.destroy();
    },
    host: async (overrides: Partial<HostReport> = {}): Promise<HostRow> => {
      const host = afterReport(null, aHost(overrides), randomUUID(), now().toISOString());
      await saveHost(dataSource, host);
      return host;
    },
    hosts: () => findHosts(dataSource),
    /** Its agent was heard. */
    beat: (host: HostRow) =>
      noteHeartbeats(dataSource, [{ id: host.id, uptimeSeconds: 1, cpuUsagePercent: 1 }], now().toISOString()),
    set: async (host: HostRow, administrative: string, operational: string, availability: string): Promise<void> => {
      await rows(dataSource, 'update host set administrative = $2, operational = $3, availability = $4 where id = $1', [
        host.id,
        administrative,
        operational,
        availability,
      ]);
    },
    run: async (host: HostRow | null, name: string, overrides: Partial<WorkloadRow> = {}): Promise<void> => {
      await saveWorkloads(dataSource, [aWorkload(host?.id ?? null, name, overrides)]);
    },
    budget: (group: string, least: number) => replaceBudgets(dataSource, 'SIMULATED', new Map([[group, least]])),
    evacuate: async (host: HostRow, force = false) =>
      room!.evacuation.evacuate((await findByIds(dataSource, [host.id]))[0]!, { force }),
    /** Asks again and again, as a job does. */
    empty: (host: HostRow, force = false) =>
      eventually(`${host.hostname} is empty`, async () => (await stage.evacuate(host, force)).done || undefined),
    /** `web-0 RUNNING on compute-1` and so on, by name. */
    sight: async (): Promise<string[]> => {
      const names = new Map(
        (await rows<{ id: string; hostname: string }>(dataSource, 'select id, hostname from host')).map(h => [
          h.id,
          h.hostname,
        ]),
      );
      const found = await findAllWorkloads(dataSource);
      return found.map(w => `${w.name} ${w.state} on ${w.hostId === null ? 'none' : names.get(w.hostId)}`).sort();
    },
    seen: (...lines: string[]) =>
      eventually(lines.join(', '), async () => {
        const sight = await stage.sight();
        return lines.every(line => sight.includes(line)) || null;
      }),
    conditions: async (host: HostRow): Promise<string[]> =>
      (await findConditions(dataSource, [host.id], 'workload')).map(c => `${c.alarmId}${c.instance}: ${c.reasonText}`),
    evacuations: () => rows<{ hostId: string }>(dataSource, 'select host_id as "hostId" from evacuation'),
  };
  return stage;
}

const aWorkload = (hostId: string | null, name: string, overrides: Partial<WorkloadRow>): WorkloadRow => ({
  id: randomUUID(),
  hostId,
  targetId: null,
  name,
  namespace: 'shop',
  kind: 'CONTAINER',
  state: 'RUNNING',
  source: 'SIMULATED',
  migratable: true,
  stays: false,
  antiAffinityGroup: null,
  disruptionGroup: null,
  cpus: 1,
  memoryMiB: 256,
  hugePagesMiB: 0,
  gpus: 0,
  since: new Date().toISOString(),
  readyAt: null,
  ...overrides,
});
