// Puts the BMCs of a region together: the watch over them, the door for their events, the power of their hosts.
import fs from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { DataSource } from 'typeorm';
import { type Config, isLoopback } from '../../../../runtime/config.ts';
import type { Route } from '../../../../runtime/http-door.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import type { HostPower } from '../lifecycle/host-power.ts';
import type { BmcAccess } from './bmc-access.ts';
import { type AuditDeps, bmcAudit } from './bmc-audit.ts';
import { bmcControllers } from './bmc-controllers.ts';
import { bmcEventsRoute } from './bmc-events.ts';
import { bmcPower } from './bmc-power.ts';
import { findAccesses, findLeft, removeStatus } from './bmc-store.ts';
import { watchBmcs } from './bmc-watch.ts';
import type { SecretBox } from './secret-box.ts';

export interface BmcRoomDeps extends Pick<AuditDeps, 'setConditions' | 'powerSeen'> {
  readonly region: string;
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly secrets: SecretBox;
  readonly log: Logger;
  now(): Date;
}

export interface BmcRoom {
  readonly power: HostPower;
  readonly route: Route;
  close(): Promise<void>;
}

export function openBmcRoom(deps: BmcRoomDeps): BmcRoom {
  const { region, config, dataSource, outbox, secrets, log, now } = deps;
  const settings = config.inventory.bmc;
  const controllers = bmcControllers({ dataSource, secrets, settings, authorities: authoritiesIn(settings), log });
  const audit = bmcAudit({
    ...deps,
    controllers,
    settings,
    eventTarget: access => eventTarget(config, region, access),
  });
  const letGo = async (hostIds: ReadonlySet<string>): Promise<void> => {
    await controllers.keepOnly(hostIds);
    for (const { hostId } of await findLeft(dataSource)) {
      audit.forget(hostId);
      await outbox.transaction(async tx => {
        await deps.setConditions(tx, hostId, 'bmc', []);
        await deps.setConditions(tx, hostId, 'sensor', []);
        await removeStatus(tx.sql, hostId);
      });
    }
  };
  const watch = watchBmcs({ audit, settings, accesses: () => findAccesses(dataSource), letGo, log, now });
  return {
    power: bmcPower({ dataSource, controllers, ordered: watch.ordered }),
    route: bmcEventsRoute({ region, sql: dataSource, onEvent: watch.happened }),
    close: async () => {
      await watch.stop();
      await controllers.close();
    },
  };
}

function authoritiesIn({ tls }: Config['inventory']['bmc']): string | null {
  if (tls.caFile === undefined) return null;
  try {
    return [fs.readFileSync(tls.caFile, 'utf8'), ...rootCertificates].join('\n');
  } catch (error) {
    throw new Error(`inventory.bmc.tls.caFile cannot be read: ${(error as Error).message}`);
  }
}

/** A BMC elsewhere cannot reach a door on loopback: without inventory.bmc.eventsUrl it is only looked at. */
function eventTarget(config: Config, region: string, { url }: BmcAccess): string | null {
  const base = config.inventory.bmc.eventsUrl ?? config.doors[region];
  if (base === undefined) return null;
  const isReached = url !== null || !isLoopback(new URL(base).hostname);
  return isReached ? `${base.replace(/\/$/, '')}/redfish-events` : null;
}
