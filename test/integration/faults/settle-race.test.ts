// Alarms brought to what is wanted, while somebody else changes them between the look and the lock.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import {
  type AlarmService,
  alarmService,
  type WantedAlarm,
} from '../../../subgraphs/edge/faults/alarms/alarm-service.ts';
import { alarmHistory } from '../../../subgraphs/edge/faults/history/alarm-history.ts';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';

const left = leftovers();
const key = { alarmId: '100.101', entityInstanceId: 'host=h' };
const wantOpen: WantedAlarm = { key, decide: () => ({ ...key, severity: 'MAJOR', reasonText: null }) };
const wantClear: WantedAlarm = { key, decide: () => null };

/** Another writer gets its turn right after the first look of `raced`. */
async function aRace() {
  const dataSource = await openDatabase({
    url: inject('databaseUrl'),
    database: uniquePrefix(),
    tables: faultsTables,
    poolSize: 3,
    log: quiet,
  });
  left.add(() => dataSource.destroy());
  const now = () => new Date();
  const outbox = openOutbox({ dataSource, channel: 'faults_outbox', now });
  const retention = { historyDays: 10, historyRows: 1_000 };
  const history = alarmHistory({ sql: dataSource, outbox, retention, log: quiet, now });
  const { flapping } = testConfig().faults;
  const deps = { outbox, catalogue: readCatalogue(), history, flapping, now, newId: randomUUID };
  const other = alarmService({ ...deps, sql: dataSource });
  const raced = (meanwhile: (other: AlarmService) => Promise<unknown>): AlarmService =>
    alarmService({
      ...deps,
      sql: {
        query: async (text, parameters) => {
          const answer = await dataSource.query(text, parameters);
          await meanwhile(other);
          return answer;
        },
      },
    });
  const kinds = async () =>
    (await rows<{ kind: string }>(dataSource, 'select kind from outbox order by sequence')).map(({ kind }) => kind);
  return { other, raced, kinds };
}

test('an alarm that somebody raises meanwhile is not raised twice', async () => {
  const { raced, kinds } = await aRace();
  expect(await raced(other => other.settle([wantOpen])).settle([wantOpen])).toBe(0);
  expect(await kinds()).toEqual(['RAISED']);
});

test('an alarm that somebody clears meanwhile is not cleared twice', async () => {
  const { other, raced, kinds } = await aRace();
  await other.settle([wantOpen]);
  expect(await raced(o => o.settle([wantClear])).settle([wantClear])).toBe(0);
  expect(await kinds()).toEqual(['RAISED', 'CLEARED']);
});

test('an alarm that nobody else touches changes once', async () => {
  const { raced, kinds } = await aRace();
  const alone = raced(async () => {});
  expect([await alone.settle([wantOpen]), await alone.settle([wantOpen]), await alone.settle([wantClear])]).toEqual([
    1, 0, 1,
  ]);
  expect(await kinds()).toEqual(['RAISED', 'CLEARED']);
});
