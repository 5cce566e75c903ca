// A region that is cut off, comes back, moves, or begins anew: what the centre shows of it and tells its subscribers.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { scrape } from '../../support/metrics.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED, type Subscriber } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;
let door: ReturnType<typeof hands>;
let contact: Subscriber;
let feed: Subscriber;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  door = hands(house);
  contact = centre.subscribe('subscription { regionContact { region { id } previous state reason } }');
  feed = centre.subscribe(FEED);
  left.add(() => contact.close());
  left.add(() => feed.close());
  await feed.until('ALIGNED', events => events.length === 1);
});

const stateOf = async () => (await centre.region('lagos-1')).contact.state;
const entities = async () => {
  const all = (await centre.alarms()).nodes.map((alarm: Data) => alarm.entityInstanceId);
  return all.filter((entity: string) => entity !== LOSS).sort();
};
/** The entity of the centre's own alarm about the region. */
const LOSS = 'subcloud=lagos-1';
const kinds = (events: readonly Data[]): string[] => events.map(({ kind, region }) => `${kind} ${region?.id}`);
const told = (entity: string) =>
  feed.events.filter(event => event.alarm?.entityInstanceId === entity).map(event => event.kind);

// One story, told in order: each test starts where the one before it ended.
describe('a region', () => {
  test('that joins comes ONLINE and shows its alarms', async () => {
    await door.raise({ entityInstanceId: 'host=first', severity: 'CRITICAL' });
    await centre.change('addRegion', { id: 'lagos-1', endpoint: house.door() });
    await eventually('ONLINE', async () => (await stateOf()) === 'ONLINE');
    await eventually('its alarm', async () => (await entities()).includes('host=first'));
    const { alarmSummary, contact } = await centre.region('lagos-1');
    expect(alarmSummary).toMatchObject({ critical: 1, status: 'CRITICAL', regionsUnknown: 0 });
    expect(contact.reason).toBeNull();
  });

  test('that moves to another door keeps its alarms, and what happened meanwhile arrives as transitions', async () => {
    await centre.change('updateRegion', { id: 'lagos-1', endpoint: 'http://127.0.0.1:9/lagos-1' });
    await eventually('the follower to fail', async () => {
      const [row] = await centre.rows(`select contact_reason from region where id = 'lagos-1'`);
      return row.contact_reason?.includes('refused');
    });
    const { alarm } = await door.raise({ entityInstanceId: 'host=brief' });
    await door.clear({ id: alarm.id });
    await door.raise({ entityInstanceId: 'host=meanwhile' });
    expect(await entities()).toEqual(['host=first']);
    await centre.change('updateRegion', { id: 'lagos-1', endpoint: house.door() });
    await feed.until('what happened meanwhile', () => told('host=meanwhile').length > 0);
    expect(told('host=brief')).toEqual(['RAISED', 'CLEARED']);
    expect(told('host=first')).toEqual(['SNAPSHOT']);
    expect(await entities()).toEqual(['host=first', 'host=meanwhile']);
  });

  test('that is gone goes STALE, then OFFLINE, and its alarms stay as last known, with their age', async () => {
    const before = contact.events.length;
    await house.stop();
    await eventually('STALE', async () => (await stateOf()) === 'STALE');
    await eventually('OFFLINE', async () => (await stateOf()) === 'OFFLINE');
    await contact.until('OFFLINE', events => events.at(-1)?.state === 'OFFLINE');
    const changes = contact.events.slice(before).map(({ previous, state }) => `${previous} ${state}`);
    expect(changes).toEqual(['ONLINE STALE', 'STALE OFFLINE']);
    const { alarmSummary, contact: seen } = await centre.region('lagos-1');
    expect(seen.reason).toMatch(/refused|closed/);
    expect(alarmSummary).toEqual({
      critical: 1,
      major: 1,
      minor: 0,
      warning: 0,
      status: 'UNKNOWN',
      asOf: seen.lastContactAt,
      regionsUnknown: 1,
    });
    expect((await centre.alarms()).asOf).toBe(seen.lastContactAt);
    expect(await entities()).toEqual(['host=first', 'host=meanwhile']);
    const { value } = await scrape(`http://127.0.0.1:${centre.config.fleet.port}`);
    expect(value('murmuration_region_silence_seconds', { region: 'lagos-1' })).toBeGreaterThanOrEqual(8); // OFFLINE
  });

  test('that is lost is an alarm of the centre, with the reason, and feeds were told from when its part is old', async () => {
    await feed.until('RAISED 280.001', () => told(LOSS).length > 0);
    const stale = feed.events.find(event => event.kind === 'REGION_STALE');
    expect(stale).toMatchObject({
      region: { id: 'lagos-1' },
      at: (await centre.region('lagos-1')).contact.lastContactAt,
    });
    expect(feed.events.indexOf(stale)).toBeLessThan(feed.events.findIndex(e => e.alarm?.entityInstanceId === LOSS));
    const { nodes } = await centre.alarms({ alarmIds: ['280.001'] });
    expect(nodes).toMatchObject([
      {
        id: 'lagos-1/280.001',
        severity: 'CRITICAL',
        reasonText: expect.stringMatching(/refused|closed/),
        sequence: '0',
      },
    ]);
    const fleet = await centre.ask('{ alarmSummary { status critical regionsUnknown } }');
    expect(fleet.alarmSummary).toEqual({ status: 'UNKNOWN', critical: 2, regionsUnknown: 1 });
  });

  test('that comes back on its old port is ONLINE within seconds and what it raises shows up', async () => {
    await house.start();
    await door.raise({ entityInstanceId: 'host=second' });
    await eventually('ONLINE', async () => (await stateOf()) === 'ONLINE', 6_000);
    await feed.until('what it raised', () => told('host=second').length > 0);
    expect(await entities()).toEqual(['host=first', 'host=meanwhile', 'host=second']);
    expect(told('host=first')).toEqual(['SNAPSHOT']); // told before, not told again
    expect((await centre.region('lagos-1')).alarmSummary.status).toBe('CRITICAL');
  });

  test('that is back is told so once it has been reconciled, and its loss is cleared by that', async () => {
    await feed.until('REGION_BACK', events => events.some(event => event.kind === 'REGION_BACK'));
    expect(told(LOSS)).toEqual(['RAISED', 'CLEARED']);
    const order = feed.events.map(({ kind, alarm }) => (alarm ? `${kind} ${alarm.entityInstanceId}` : kind));
    expect(order.indexOf('REGION_BACK')).toBeGreaterThan(order.indexOf(`CLEARED ${LOSS}`));
    expect(order.filter(what => what === 'REGION_STALE' || what === 'REGION_BACK')).toEqual([
      'REGION_STALE',
      'REGION_BACK',
    ]);
    expect((await centre.alarms({ alarmIds: ['280.001'] })).totalCount).toBe(0);
  });

  test('whose database was lost is copied anew: no ghosts, and the feed says LIST_REBUILT before anything new', async () => {
    await door.host({ hostname: 'ghost' });
    await eventually('the host', async () => (await centre.ask('{ hosts { totalCount } }')).hosts.totalCount === 1);
    const before = feed.events.length;
    await house.stop();
    await house.wipe();
    await house.start();
    await door.raise({ entityInstanceId: 'host=first' });
    await feed.until('its list', events => events.slice(before).some(event => event.kind === 'ALIGNED'));
    const since = kinds(feed.events.slice(before)).filter(told => !told.startsWith('REGION_'));
    // the new alarm came before the copy or after it
    if (since.length === 2) await feed.until('the new alarm', () => told('host=first').at(-1) === 'RAISED');
    else expect(since).toEqual(['LIST_REBUILT lagos-1', 'SNAPSHOT lagos-1', 'ALIGNED lagos-1']);
    expect(await entities()).toEqual(['host=first']);
    await eventually('no ghost', async () => (await centre.ask('{ hosts { totalCount } }')).hosts.totalCount === 0);
  });
});
