// What streams tell of a region that leaves the graph: whoever follows them holds at any point what the lists show.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, type Subscriber } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;

beforeAll(async () => {
  house = await aHouse(['accra-1', 'lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  for (const region of ['accra-1', 'lagos-1'])
    for (const hostname of ['a', 'b']) {
      await hands(house, region).host({ hostname });
      await hands(house, region).raise({ entityInstanceId: `host=${hostname}` });
    }
  await centre.join('accra-1', house.door('accra-1'), { group: 'east' });
  await joinLagos();
});

const joinLagos = (group = 'west') => centre.join('lagos-1', house.door('lagos-1'), { group, name: 'Lagos' });
const leave = (id = 'lagos-1', input = {}) => centre.change('removeRegion', { id, ...input }, 'id');
const REGION = 'region { id name leftAt group { name } }';
const ALARMS = `subscription ($filter: AlarmFilter, $after: Cursor) { alarmFeed(filter: $filter, after: $after) {
  kind cursor ${REGION} alarm { id entityInstanceId ${REGION} host { id } } } }`;
const HOSTS = `subscription ($filter: HostFilter, $after: Cursor) { hostChanges(filter: $filter, after: $after) {
  kind cursor at hostId ${REGION} host { id ${REGION} } } }`;

function subscribed(query: string, variables: Data = {}): Subscriber {
  const stream = centre.subscribe(query, variables);
  left.add(() => stream.close());
  return stream;
}
const aFeed = async (filter: Data = {}): Promise<Subscriber> => {
  const feed = subscribed(ALARMS, { filter });
  await feed.until('ALIGNED', all => all.some(event => event.kind === 'ALIGNED'));
  return feed;
};
const isDeparture = ({ kind, region }: Data): boolean => kind === 'ALIGNED' && region?.leftAt;
const changes = (events: Data[]): Data[] => events.filter(event => event.kind !== 'HEARTBEAT');
const told = (event: Data): string =>
  [event.kind, event.region?.id, event.alarm?.entityInstanceId ?? event.hostId].filter(Boolean).join(' ');
/** The ids of open alarms that a follower of the feed holds. */
function held(events: Data[]): string[] {
  const open = new Map<string, string>();
  for (const { kind, region, alarm } of events) {
    if (kind === 'LIST_REBUILT') for (const [id, of] of open) if (!region || region.id === of) open.delete(id);
    if (kind === 'SNAPSHOT' || kind === 'RAISED') open.set(alarm.id, region.id);
    if (kind === 'CLEARED') open.delete(alarm.id);
  }
  return [...open.keys()].sort();
}
const listed = async (filter: Data = {}): Promise<string[]> =>
  (await centre.alarms(filter)).nodes.map((alarm: Data) => alarm.id).sort();
const hostIds = async (region: string): Promise<string[]> =>
  (await centre.rows('select id from mirror_host where region = $1 order by id', [region])).map(row => row.id);
const logged = async (): Promise<[feed: number, hosts: number]> => {
  const [head] = await centre.rows('select position::int as feed, host_position::int as hosts from feed_head');
  return [head.feed, head.hosts];
};

describe('a region that leaves the graph', () => {
  test('takes its alarms out of every feed, once, in order, and comes back as a new one', async () => {
    const [all, west, east] = [await aFeed(), await aFeed({ groups: ['west'] }), await aFeed({ regions: ['accra-1'] })];
    const before = all.events.length;
    await hands(house, 'lagos-1').raise({ entityInstanceId: 'host=late' });
    await all.until('the last of it', events => events.at(-1).alarm?.entityInstanceId === 'host=late');
    expect(await leave()).toEqual({ id: 'lagos-1', userErrors: [] });
    for (const feed of [all, west]) {
      await feed.until('the departure', events => events.some(isDeparture));
      expect(held(feed.events)).toEqual(await listed(feed === west ? { regions: ['lagos-1'] } : {}));
      expect(feed.events.at(-1).region).toMatchObject({ name: 'Lagos', group: { name: 'west' } });
    }
    await hands(house, 'accra-1').raise({ entityInstanceId: 'host=next' });
    await joinLagos('north');
    const isBack = (events: Data[]) => events.filter(event => event.kind === 'ALIGNED' && event.region).length === 2;
    await all.until('the new list', isBack);
    expect(held(all.events)).toEqual(await listed());
    expect(held(west.events)).toEqual([]);
    expect(all.events.at(-1).region.leftAt).toBeNull();
    expect(changes(east.events).filter(event => event.region?.id !== 'accra-1')).toHaveLength(1); // its ALIGNED

    // whoever was away hears the same, from wherever it left off; what is from before as well, with its alarm
    const events = changes(all.events);
    const late = events.slice(before);
    expect(late.slice(0, 3).map(told)).toEqual(['RAISED lagos-1 host=late', 'LIST_REBUILT lagos-1', 'ALIGNED lagos-1']);
    for (let n = before - 1; n < events.length - 1; n++) {
      const resumed = subscribed(ALARMS, { after: events[n].cursor });
      const rest = await resumed.until('the rest', got => changes(got).length >= events.length - n - 1);
      expect(changes(rest).map(told)).toEqual(events.slice(n + 1).map(told));
      await resumed.close();
    }
    const after = events[before - 1].cursor;
    const [old, now] = ['west', 'north'].map(group => subscribed(ALARMS, { after, filter: { groups: [group] } }));
    await old!.until('the departure', got => got.some(isDeparture));
    await now!.until('the new list', isBack);
    expect(held(now!.events)).toEqual(await listed({ regions: ['lagos-1'] }));
    await leave();
    await joinLagos();
  });

  test('is still named by events from before, while it is away', async () => {
    const feed = await aFeed({ groups: ['west'] });
    const after = feed.events.at(-1).cursor;
    const hosts = subscribed(HOSTS);
    const label = (n: number) =>
      hands(house, 'lagos-1').host({ identity: `x${n}`, managementMac: `02:00:00:00:98:0${n}`, hostname: `new-${n}` });
    let n = 0;
    await eventually('a change of a host', async () => {
      if (n < 9) await label(n++);
      return hosts.events.length > 1;
    });
    const since = hosts.events[0].cursor;
    await hands(house, 'lagos-1').raise({ entityInstanceId: 'host=before' });
    await feed.until('it', events => events.at(-1).alarm?.entityInstanceId === 'host=before');
    await leave();
    for (const filter of [{}, { groups: ['west'] }]) {
      const resumed = subscribed(ALARMS, { after, filter });
      const events = changes(await resumed.until('all', got => got.some(isDeparture)));
      expect(events.map(told)).toEqual(['RAISED lagos-1 host=before', 'LIST_REBUILT lagos-1', 'ALIGNED lagos-1']);
      expect(events[0].alarm.region).toMatchObject({ name: 'Lagos' });
      const again = subscribed(HOSTS, { after: since, filter });
      const [added] = await again.until('an old change', got => got.length > 0);
      expect(added).toMatchObject({ kind: 'ADDED', region: { name: 'Lagos' }, host: { region: { id: 'lagos-1' } } });
    }
    await joinLagos();
  });

  test('takes its hosts out of every stream of host changes, each once', async () => {
    const ids = await hostIds('lagos-1');
    const [all, west, east] = [{}, { groups: ['west'] }, { groups: ['east'] }].map(filter =>
      subscribed(HOSTS, { filter }),
    );
    const door = hands(house, 'accra-1');
    const isHeard = (hostname: string) => async () => {
      await door.host({ hostname, identity: hostname, managementMac: null });
      return all!.events.length > 0;
    };
    let n = 0;
    await eventually('the stream', () => isHeard(`heard-${n++}`)());
    const start = all!.events[0].cursor;
    await leave();
    const gone = (events: Data[]): Data[] => events.filter(event => event.kind === 'REMOVED');
    for (const stream of [all!, west!]) {
      await stream.until('all of them', events => gone(events).length === ids.length);
      expect(gone(stream.events).map(event => event.hostId)).toEqual(ids);
      expect(gone(stream.events)[0]).toMatchObject({ region: { id: 'lagos-1', name: 'Lagos' }, host: null });
      expect(gone(stream.events)[0].at).toBe(gone(stream.events)[0].region.leftAt);
    }
    const resumed = subscribed(HOSTS, { after: gone(all!.events)[0].cursor });
    await resumed.until('the rest', events => gone(events).length === ids.length - 1);
    expect(gone(resumed.events).map(event => event.hostId)).toEqual(ids.slice(1));
    await joinLagos('north');
    for (const group of ['west', 'north']) {
      const later = subscribed(HOSTS, { after: start, filter: { groups: [group] } });
      await later.until('all of them', events => gone(events).length === ids.length);
    }
    await all!.until('the new ones', events => events.filter(event => event.kind === 'ADDED').length > ids.length);
    const again = subscribed(HOSTS, { after: start, filter: { regions: ['lagos-1'] } });
    await again.until('both', events => events.length >= 2 * ids.length);
    expect(again.events.map(told)).toEqual([
      ...ids.map(id => `REMOVED lagos-1 ${id}`),
      ...(await hostIds('lagos-1')).map(id => `ADDED lagos-1 ${id}`),
    ]);
    expect(gone(east!.events)).toEqual([]);
    await leave();
    await joinLagos();
  });

  test('has not left until all of it is told: a centre that dies in the middle has told nothing', async () => {
    const feed = await aFeed();
    const [alarms, hosts, before] = [await listed(), await hostIds('lagos-1'), await logged()];
    const input = { idempotencyKey: 'leave-once' };
    const lock = await centre.hold(`select 1 from mirror_host where id = $1 for update`, [hosts[0]!]);
    const leaving = leave('lagos-1', input).catch(error => error as Error);
    await eventually('the removal', async () => {
      const killed = await centre.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event_type = 'Lock' and query like '/* regions.delete */%' and datname = current_database()`,
      );
      return killed.length === 1;
    });
    expect(await leaving).toBeInstanceOf(Error);
    await lock.release();
    expect([await listed(), await hostIds('lagos-1'), await logged()]).toEqual([alarms, hosts, before]);

    for (let n = 0; n < 2; n++) expect(await leave('lagos-1', input)).toEqual({ id: 'lagos-1', userErrors: [] });
    await feed.until('the departure', events => events.some(isDeparture));
    expect(await logged()).toEqual([before[0] + 2, before[1] + hosts.length]);
    expect(held(feed.events)).toEqual(await listed());
    await joinLagos();
  });

  test('costs the log two entries and one for each host, however many alarms it has', async () => {
    await centre.change('addRegion', { id: 'big-1', endpoint: 'http://127.0.0.1:9/big-1' });
    await centre.rows(`insert into mirror_host (id, region, hostname, administrative, operational, availability, simulated)
      select 'big-1/' || n, 'big-1', 'h' || n, 'UNLOCKED', 'ENABLED', 'AVAILABLE', true from generate_series(1, 200) n`);
    await centre.rows(`insert into mirror_alarm (id, region, alarm_id, severity, severity_rank, entity_instance_id, raised_at,
        acknowledged, alarm)
      select 'big-1/' || n, 'big-1', '100.101', 'MAJOR', 2, 'host=h' || n, now(), false, '{}' from generate_series(1, 5000) n`);
    const [feed, hosts] = await logged();
    await leave('big-1');
    expect(await logged()).toEqual([feed + 2, hosts + 200]);
    expect((await centre.alarms({ regions: ['big-1'] })).totalCount).toBe(0);
    const [log] = await centre.rows(
      'select count(*)::int as n, max(host_position)::int as head from host_log, feed_head',
    );
    expect(log.n).toBe(log.head); // no gap and nothing beyond the head
  });
});

test('the account of a region that left does not go on with the one that takes its id', async () => {
  await eventually('an account', async () => {
    const { region } = await centre.ask('{ region(id: "lagos-1") { feedAccount { committed } } }');
    return region.feedAccount?.committed > 0;
  });
  await centre.rows(`update feed_account set delivered = 7 where region = 'lagos-1'`);
  await leave();
  await centre.change('addRegion', { id: 'lagos-1', endpoint: 'http://127.0.0.1:9/lagos-1' });
  const { region } = await centre.ask('{ region(id: "lagos-1") { feedAccount { committed delivered } } }');
  expect(region.feedAccount).toBeNull();
});
