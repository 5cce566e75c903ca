// A region's faults on a database of its own, without a door, under a clock that the test moves.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import { alarmService } from '../../../subgraphs/edge/faults/alarms/alarm-service.ts';
import { eventService } from '../../../subgraphs/edge/faults/events/event-service.ts';
import { lastNumber } from '../../../subgraphs/edge/faults/events/event-store.ts';
import { type AlarmHistory, alarmHistory } from '../../../subgraphs/edge/faults/history/alarm-history.ts';
import { dayLog } from '../../../subgraphs/edge/faults/history/day-log.ts';
import { maintenanceService } from '../../../subgraphs/edge/faults/maintenance/maintenance-service.ts';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';

const left = leftovers();
const catalogue = readCatalogue();

export async function aRegionAt(start: string, retention = { historyDays: 10, historyRows: 1_000 }) {
  let at = new Date(start);
  const now = () => at;
  const dataSource = await openDatabase({
    url: inject('databaseUrl'),
    database: uniquePrefix(),
    tables: faultsTables,
    poolSize: 3,
    log: quiet,
  });
  left.add(() => dataSource.destroy());
  const outbox = openOutbox({ dataSource, channel: 'faults_outbox', now });
  const history: AlarmHistory = alarmHistory({ sql: dataSource, outbox, retention, log: quiet, now });
  const { flapping } = testConfig().faults;
  const alarms = alarmService({ sql: dataSource, outbox, catalogue, history, flapping, now, newId: randomUUID });
  const head = () => lastNumber(dataSource);
  const days = dayLog({ sql: dataSource, outbox, table: 'event', retention, log: quiet, now, head });
  const events = eventService({ outbox, catalogue, days, now, newId: randomUUID });
  const maintenance = maintenanceService({ sql: dataSource, outbox, history, retention, now, newId: randomUUID });
  const raise = async (n: number) => {
    const items = Array.from({ length: n }, () => ({
      alarmId: '100.101',
      severity: 'MAJOR' as const,
      entityInstanceId: `host=h-${randomUUID()}`,
    }));
    return (await alarms.raiseAll({ alarms: items })).results.map(result => result.alarm!);
  };
  return {
    dataSource,
    outbox,
    history,
    alarms,
    events,
    maintenance,
    raise,
    clockTo: (text: string) => {
      at = new Date(text);
    },
    days: async (table = 'alarm_transition') => {
      const found = await rows<{ name: string }>(
        dataSource,
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
        [table],
      );
      return found.map(({ name }) => name.replace(`${table}_`, ''));
    },
    count: async (table: string) =>
      (await rows<{ n: number }>(dataSource, `select count(*)::int as n from ${table}`))[0]!.n,
  };
}
