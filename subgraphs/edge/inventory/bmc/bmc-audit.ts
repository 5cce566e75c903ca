// One look at the BMC of one host: power, sensors, log, subscription; and what became of it, kept in one transaction with
// the conditions that follow. A look that fails leaves what was known, and says so.
import type { DataSource } from 'typeorm';
import type { Config } from '../../../../runtime/config.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { Condition, ConditionSource } from '../conditions/host-condition.ts';
import type { BmcAccess } from './bmc-access.ts';
import { accessConditions, type SensorFlaw, sensorConditions } from './bmc-conditions.ts';
import type { BmcControllers } from './bmc-controllers.ts';
import { BmcError, isPassing } from './bmc-error.ts';
import { ensureSubscribed } from './bmc-events.ts';
import { takeLog } from './bmc-log.ts';
import type { BmcStatusRow } from './bmc-status.ts';
import { saveStatus } from './bmc-store.ts';
import type { BoardController, PowerState } from './board-controller.ts';
import { isUnsure, judged } from './sensor-health.ts';

export interface AuditDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly controllers: BmcControllers;
  readonly settings: Config['inventory']['bmc'];
  setConditions(
    tx: OutboxTransaction,
    hostId: string,
    source: ConditionSource,
    conditions: readonly Condition[],
  ): Promise<unknown>;
  /** Called in the transaction that notes that a host was switched on or off. */
  powerSeen(tx: OutboxTransaction, hostId: string, power: PowerState): Promise<unknown>;
  /** Where this BMC can post its events; null when it cannot reach the region. */
  eventTarget(access: BmcAccess): string | null;
  readonly log: Logger;
  now(): Date;
}

export interface AuditScope {
  /** Beside power and sensors: the log, and whether its events come. */
  readonly whole: boolean;
}

/**
 * OK, or what was wrong. UNSURE: all went well, and a sensor reads other than before, which the next look confirms or not.
 * GONE: the host or its BMC was taken away meanwhile.
 */
export type AuditOutcome = 'OK' | 'UNSURE' | 'GONE' | BmcError;

export interface BmcAudit {
  /** When the signal ends it, its reason tells: a BmcError is the BMC's failure, anything else is thrown. */
  look(access: BmcAccess, scope: AuditScope, signal: AbortSignal): Promise<AuditOutcome>;
  /** Of a host that has no BMC any more. */
  forget(hostId: string): void;
}

type StatusChange = Parameters<typeof saveStatus>[2];

interface Finding {
  readonly change: StatusChange;
  readonly bmc: readonly Condition[];
  /** Null: what was said before stays. */
  readonly sensor: readonly Condition[] | null;
  readonly power: PowerState | null;
}

export function bmcAudit(deps: AuditDeps): BmcAudit {
  /** What this process has told of each host: the conditions are set when they differ, and once at its start. */
  const told = new Map<string, string>();
  /** Why a BMC was lost: the same alarm stands while it is now slow, now gone. */
  const lost = new Map<string, BmcError>();
  const whyLost = (hostId: string, error: BmcError): BmcError => {
    const first = lost.get(hostId);
    const why = first && isPassing(first) && isPassing(error) ? first : error;
    lost.set(hostId, why);
    return why;
  };

  const keep = async (status: BmcStatusRow, { change, bmc, sensor, power }: Finding): Promise<void> => {
    const { hostId } = status;
    const news = JSON.stringify([status.access, bmc, sensor]);
    const isSwitched = power !== null && power !== status.powerState;
    if (told.get(hostId) === news && !isSwitched) return saveStatus(deps.dataSource, status, change);
    await deps.outbox.transaction(async tx => {
      await saveStatus(tx.sql, status, change);
      await deps.setConditions(tx, hostId, 'bmc', bmc);
      if (sensor !== null) await deps.setConditions(tx, hostId, 'sensor', sensor);
      if (isSwitched) await deps.powerSeen(tx, hostId, power);
    });
    told.set(hostId, news);
  };

  const see = async (
    access: BmcAccess,
    status: BmcStatusRow,
    scope: AuditScope,
    signal: AbortSignal,
  ): Promise<'OK' | 'UNSURE'> => {
    const controller = await deps.controllers.open(access, status, signal);
    const power = await controller.power(signal);
    const at = deps.now().toISOString();
    const sensors = await sensorsOf(controller, status, power, at, signal);
    await keep(status, {
      change: {
        powerState: power,
        reachable: true,
        failures: 0,
        checkedAt: at,
        lastError: sensors.error,
        ...sensors.change,
      },
      bmc: [],
      sensor: sensors.conditions,
      power,
    });
    if (scope.whole) await sideways(deps, controller, access, status, signal);
    return sensors.change.sensors?.some(isUnsure) ? 'UNSURE' : 'OK';
  };

  return {
    look: async (access, scope, signal) => {
      const status = await deps.controllers.status(access);
      if (status === null) return 'GONE';
      try {
        const outcome = await see(access, status, scope, signal);
        lost.delete(access.hostId);
        return outcome;
      } catch (failure) {
        const error: unknown = signal.aborted ? signal.reason : failure;
        if (!(error instanceof BmcError)) throw error;
        const failures = status.failures + 1;
        const isLost = status.reachable === false || failures >= deps.settings.lostAfter || !isPassing(error);
        await keep(status, {
          change: {
            failures,
            checkedAt: deps.now().toISOString(),
            lastError: error.message,
            ...(isLost ? { reachable: false } : {}),
          },
          bmc: isLost ? accessConditions(access.ip, whyLost(access.hostId, error).code) : [],
          sensor: null,
          power: null,
        });
        return error;
      }
    },
    forget: hostId => {
      told.delete(hostId);
      lost.delete(hostId);
    },
  };
}

interface SensorsSeen {
  readonly change: StatusChange;
  readonly conditions: readonly Condition[];
  readonly error: string | null;
}

/** A BMC that answers but whose sensors do not is in reach: what is wrong is its own alarm, and the last readings stay. */
async function sensorsOf(
  controller: BoardController,
  status: BmcStatusRow,
  power: PowerState,
  at: string,
  signal: AbortSignal,
): Promise<SensorsSeen> {
  let error: string | null = null;
  const measured = await controller.sensors(signal).catch((failure: unknown) => {
    if (!(failure instanceof BmcError) || failure.code === 'UNAUTHORIZED') throw failure;
    error = failure.message;
    return [];
  });
  if (measured.length > 0) {
    const before = new Map(status.sensors.map(sensor => [sensor.name, sensor]));
    const sensors = measured.map(one => judged(one, power === 'ON', before.get(one.name) ?? null));
    return { change: { sensors, sensorsAt: at }, conditions: sensorConditions(sensors, null), error };
  }
  const flaw: SensorFlaw = status.sensors.length > 0 ? 'UNREADABLE' : 'NONE';
  return { change: {}, conditions: sensorConditions(status.sensors, flaw), error };
}

/** Neither the log nor the events decide whether a BMC is in reach. */
async function sideways(
  { dataSource, eventTarget, log, now }: AuditDeps,
  controller: BoardController,
  access: BmcAccess,
  status: BmcStatusRow,
  signal: AbortSignal,
): Promise<void> {
  const unless = (what: string) => (error: unknown) => {
    if (!(error instanceof BmcError)) throw error;
    log.warn({ host: access.hostname, bmc: access.ip, code: error.code, reason: error.message }, what);
  };
  const sql: Sql = dataSource;
  await takeLog(sql, controller, status, now().toISOString(), signal).catch(unless('log of a BMC not read'));
  const target = eventTarget(access);
  if (target !== null)
    await ensureSubscribed(sql, controller, status, target, signal).catch(unless('events of a BMC not subscribed to'));
}
