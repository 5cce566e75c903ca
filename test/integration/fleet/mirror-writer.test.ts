// Two writers that both believe to lead, as for a moment after a connection was cut: the position decides, not the belief.
import { expect, test } from 'vitest';
import { mirrorWriter } from '../../../subgraphs/central/fleet/mirror/mirror-writer.ts';
import { snapshotSink } from '../../../subgraphs/central/fleet/mirror/snapshot-writer.ts';
import { fleetTables } from '../../../subgraphs/central/fleet/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { anAlarmRow } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';

const left = leftovers();

test('a batch that two writers bring is stored and told once', async () => {
  const { url, prefix } = testConfig().database;
  const dataSource = await openDatabase({ url: url!, database: prefix, tables: fleetTables, poolSize: 4, log: quiet });
  left.add(() => dataSource.destroy());
  await dataSource.query(`insert into region (id, name, endpoint) values ('lagos-1', 'lagos-1', 'http://x/lagos-1')`);
  const writers = [1, 2].map(() => mirrorWriter(dataSource));
  const epoch = '00000000-0000-4000-8000-000000000000';
  const deps = { dataSource, log: quiet, now: () => new Date() };
  const bounds = { from: { epoch: null, sequence: '0' }, at: { epoch, sequence: '0' } };
  await snapshotSink(deps, 'faults', 'lagos-1', bounds).complete();
  const changes = [1, 2, 3].map(n => {
    const row = anAlarmRow({ id: `00000000-0000-4000-8000-00000000000${n}`, sequence: String(n) });
    return { sequence: row.sequence, at: row.updatedAt, kind: 'RAISED', entityId: row.id, row };
  });
  const batch = { region: 'lagos-1', source: 'faults', changes };
  const outcomes = await Promise.allSettled(writers.map(writer => writer.apply(batch)));
  expect(outcomes.map(outcome => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  const told = await dataSource.query(`select alarm->>'sequence' as n from feed_log order by position`);
  expect(told).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }]);
});
