// Events of BMCs where nothing else would look for minutes: what happened is seen at once, and after a time without contact.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { leftovers } from '../../../support/leftovers.ts';
import { eventually } from '../../../support/wait.ts';
import { aHouse, hands } from '../../edge/region-house.ts';
import { aBmc, PASSWORD } from './bmc-house.ts';

const left = leftovers();

test('a sensor beyond its threshold is alarmed by an event; a dropped subscription is made anew', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'bmc-events-'));
  left.add(() => rm(data, { recursive: true }));
  const bmc = await aBmc();
  left.add(() => bmc.close());
  const heartbeat = { degradeAfterMissed: 1_000, failAfterMissed: 1_000 };
  const house = await aHouse(['lagos-1'], { data, inventory: { heartbeat, bmc: { auditMs: 600_000 } } });
  left.add(() => house.stop());
  const simulatedBmc = { url: bmc.access.url!, ip: '10.0.0.1', username: 'operator', password: PASSWORD };
  await hands(house).host({ hostname: 'compute-0', simulatedBmc });
  const alarms = async (): Promise<string[]> =>
    (await house.rows(`select alarm_id from faults.alarm where cleared_at is null`)).map(
      (row: { alarm_id: string }) => row.alarm_id,
    );

  await eventually('its events', () => bmc.events.ids.length === 1);
  bmc.board.setReading('Fan1', 400);
  await eventually('the alarm', async () => (await alarms()).join() === '200.007');
  bmc.power.set('compute-0', false); // by its button: the log says so
  const powerState = async () => (await house.rows('select power_state from inventory.bmc_status'))[0].power_state;
  await eventually('off', async () => (await powerState()) === 'OFF');

  // as after a crash: nobody logged out
  const [{ session }] = await house.rows('select session from inventory.bmc_status');
  bmc.board.faults.unreachable = true;
  await house.stop();
  bmc.board.faults.unreachable = false;
  await house.rows('update inventory.bmc_status set session = $1', [session]);
  bmc.power.set('compute-0', true);
  bmc.board.setReading('Fan1', null);
  await eventually('the subscription that nobody answers is dropped', () => bmc.events.ids.length === 0);
  await house.start();
  await eventually('cleared', async () => (await alarms()).length === 0);
  await eventually('its events again', () => bmc.events.ids.length === 1);
  expect(bmc.requests.filter(request => request === 'POST SessionService/Sessions')).toHaveLength(1);
  const entries = await house.rows('select message from inventory.bmc_log_entry order by sequence');
  expect(entries.map((row: { message: string }) => row.message)).toEqual(bmc.board.log.map(entry => entry.message));
});
