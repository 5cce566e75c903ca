// The alarm rate of a real region and of the fleet, across a restart of the region.
import { expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';
import { aCentre } from './fleet-house.ts';

const left = leftovers();
const RATE = 'alarmRate { lastTenMinutes peak state since }';

test('counts what operators are told of, here and there, and a restart forgets nothing of it', async () => {
  const house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  const door = hands(house);
  const centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
  const rate = async () => (await door.region('faults', RATE)).alarmRate;
  expect(await rate()).toMatchObject({ lastTenMinutes: 0, peak: 0, state: 'NORMAL' });

  const item = (n: number, alarmId = '100.101') => ({ alarmId, entityInstanceId: `host=h${n}`, severity: 'MINOR' });
  await door.raiseAll({ region: 'lagos-1', alarms: [1, 2, 3].map(n => item(n)) });
  await door.raise(item(1)); // nothing new
  await door.raise({ ...item(1), severity: 'MAJOR' }); // a change
  expect(await rate()).toMatchObject({ lastTenMinutes: 3, peak: 3, state: 'HIGH' });

  await door.suppress({ region: 'lagos-1', alarmId: '100.102', reason: 'known' });
  await door.raise(item(1, '200.001')); // the lock is told, what it masks is not
  await door.raiseAll({ region: 'lagos-1', alarms: [item(2, '100.102'), item(1, '100.103'), item(3, '100.103')] });
  expect(await rate()).toMatchObject({ lastTenMinutes: 5, state: 'HIGH' });
  await door.raiseAll({ region: 'lagos-1', alarms: [10, 11, 12, 13, 14, 15].map(n => item(n)) });
  const flood = await rate();
  expect(flood).toMatchObject({ lastTenMinutes: 11, peak: 11, state: 'FLOOD' });
  const fleet = async () => (await centre.ask(`{ ${RATE} }`)).alarmRate;
  await eventually('the fleet', async () => (await fleet()).lastTenMinutes === 11);
  expect(await fleet()).toMatchObject({ peak: 11, state: 'FLOOD' });

  expect(await statementsOf(/^alarmRate\./, rate)).toEqual(['alarmRate.read']);
  await house.stop();
  await house.start();
  expect(await rate()).toEqual(flood);
});
