// The inventory's hosts and their lifecycle on a database of their own, without doors: seams, times and clock are the test's.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { inject } from 'vitest';
import { openSecretBox, type SecretBox } from '../../../subgraphs/edge/inventory/bmc/secret-box.ts';
import { type HostService, hostService } from '../../../subgraphs/edge/inventory/hosts/host-service.ts';
import type { Evacuation } from '../../../subgraphs/edge/inventory/lifecycle/evacuation.ts';
import { type HostPower, noPower } from '../../../subgraphs/edge/inventory/lifecycle/host-power.ts';
import { type OpenLifecycle, openLifecycle } from '../../../subgraphs/edge/inventory/lifecycle/lifecycle.ts';
import type { PendingConfiguration } from '../../../subgraphs/edge/inventory/lifecycle/pending-configuration.ts';
import type { StepTimes } from '../../../subgraphs/edge/inventory/lifecycle/step-times.ts';
import { provisioningService } from '../../../subgraphs/edge/inventory/provisioning/provisioning-service.ts';
import { inventoryTables } from '../../../subgraphs/edge/inventory/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { type Outbox, openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { nothingPending, nothingToEvacuate } from '../../support/idle-seams.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';

export interface HostRoom {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly secrets: SecretBox;
  readonly hosts: HostService;
  readonly lifecycle: OpenLifecycle;
  close(): Promise<void>;
}

export interface HostRoomOptions {
  /** The same name finds the same hosts again. */
  readonly database?: string;
  readonly power?: HostPower;
  readonly evacuation?: Evacuation;
  readonly configuration?: PendingConfiguration;
  readonly times?: Partial<StepTimes>;
  now?(): Date;
}

export async function aHostRoom(options: HostRoomOptions = {}): Promise<HostRoom> {
  const { database = uniquePrefix(), power = noPower, evacuation = nothingToEvacuate } = options;
  const { configuration = nothingPending, now = () => new Date() } = options;
  const config = testConfig();
  const url = inject('databaseUrl');
  const dataSource = await openDatabase({ url, database, tables: inventoryTables, poolSize: 3, log: quiet });
  const outbox = openOutbox({ dataSource, channel: 'inventory_outbox', now });
  const times = { ...config.inventory.lifecycle, ...options.times };
  const common = { dataSource, outbox, now, newId: randomUUID };
  const secrets = openSecretBox(path.join(config.data, 'keys', `${database}.key`));
  const { redeclare } = provisioningService({ ...common, secrets, powerOn: async () => null });
  const lifecycle = openLifecycle({ ...common, power, evacuation, configuration, times, log: quiet });
  return {
    dataSource,
    outbox,
    secrets,
    hosts: hostService({ ...common, lifecycle: lifecycle.service, redeclare, secrets, log: quiet }),
    lifecycle,
    close: async () => {
      await lifecycle.stop();
      await dataSource.destroy();
    },
  };
}
