// The mirror compared with its region: equal while all is well, also in a storm; what somebody damaged is found, told and mended.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED, type Subscriber } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;
let door: ReturnType<typeof hands>;
let feed: Subscriber;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
  feed = centre.subscribe(FEED);
  left.add(() => feed.close());
});

const REPORT = `checkedAt differences lastDifferenceAt
  sources { subgraph sequence differences missing extra changed examples lastDifferenceAt }`;
const realign = (input: Data = {}, at = centre): Promise<Data> =>
  at.change('realignRegion', { id: 'lagos-1', ...input }, `region { id alignment { ${REPORT} } } report { ${REPORT} }`);
const entities = async (): Promise<string[]> =>
  (await centre.alarms({}, ', first: 500')).nodes.map((alarm: Data) => alarm.entityInstanceId).sort();
const words = (events: readonly Data[]) =>
  events.map(({ kind, alarm }) => (alarm ? `${kind} ${alarm.entityInstanceId}` : kind));

describe('a region whose mirror was left alone', () => {
  test('is equal to it after every kind of change, and feeds hear nothing of the comparison', async () => {
    const { alarm } = await door.raise({ entityInstanceId: 'host=a', severity: 'MINOR' });
    await door.raise({ entityInstanceId: 'host=a', severity: 'CRITICAL', reasonText: null });
    await door.acknowledge({ id: alarm.id, comment: 'seen', by: 'ann' });
    await door.comment({ id: alarm.id, comment: 'still there' });
    await door.raise({ alarmId: '100.104', entityInstanceId: 'host=b.filesystem=/' });
    await door.suppress({ region: 'lagos-1', alarmId: '100.104', reason: 'known' });
    await door.raise({ alarmId: '999.999', entityInstanceId: 'place=anywhere' });
    await door.raise({ alarmId: '200.006', entityInstanceId: 'host=c.process=ntpd' });
    await door.raise({ alarmId: '200.001', entityInstanceId: 'host=c', severity: 'WARNING' }); // masks the one before
    await door.clear({ id: (await door.raise({ entityInstanceId: 'host=gone' })).alarm.id });
    await door.host({ hostname: 'a' });
    await door.host({ hostname: null, managementMac: null, serialNumber: null, personality: null });
    const { report, region, userErrors } = await realign();
    expect(userErrors).toEqual([]);
    expect(report).toMatchObject({ differences: 0, lastDifferenceAt: null });
    expect(report.sources.map((source: Data) => source.subgraph)).toEqual(['faults', 'inventory']);
    expect(report.sources[0].sequence).toBe((await house.rows('select sequence from faults.outbox_head'))[0].sequence);
    expect(region.alignment).toEqual(report);
    await door.raise({ entityInstanceId: 'host=after' });
    await feed.until('what came after', () => words(feed.events).includes('RAISED host=after'));
    expect(feed.events.filter(event => event.kind === 'LIST_REBUILT')).toEqual([]);
  });

  test('is compared at one exact change while others come in: never a difference, no change lost', async () => {
    let isBusy = true;
    const storm = Promise.all(
      [1, 2, 3].map(async writer => {
        for (let i = 0; isBusy; i++) {
          const { alarm } = await door.raise({ entityInstanceId: `host=storm-${writer}-${i}` });
          if (i % 2) await door.clear({ id: alarm.id });
        }
      }),
    );
    const reports: Data[] = [];
    for (let i = 0; i < 5; i++) reports.push((await realign()).report);
    isBusy = false;
    await storm;
    expect(reports.map(report => report.differences)).toEqual([0, 0, 0, 0, 0]);
    const [{ sequence }] = await house.rows('select sequence from faults.outbox_head');
    await feed.until('all of it', events => events.some(event => event.alarm?.sequence === sequence));
    const numbers = feed.events
      .filter(event => event.alarm && event.kind !== 'SNAPSHOT')
      .map(e => Number(e.alarm.sequence));
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
  });
});

describe('a region whose mirror was damaged', () => {
  test('gets its rows back; the report counts them, and feeds are told the list anew', async () => {
    await eventually('aligned', async () => (await entities()).includes('host=after'));
    const whole = await entities();
    await centre.rows(`delete from mirror_alarm where entity_instance_id = 'host=a'`);
    await centre.rows(`update mirror_alarm set severity = 'WARNING' where entity_instance_id = 'place=anywhere'`);
    await centre.rows(
      `update mirror_alarm set alarm = jsonb_set(alarm, '{reasonText}', '"wrong"') where entity_instance_id = 'host=after'`,
    );
    await centre.rows(
      `insert into mirror_alarm select 'lagos-1/ghost', region, alarm_id, severity, severity_rank, 'host=ghost', hostname,
         raised_at, acknowledged, alarm, origin, suppressed, masked, in_maintenance from mirror_alarm where entity_instance_id = 'host=after'`,
    );
    await centre.rows(`update mirror_host set availability = 'FAILED' where hostname = 'a'`);
    const before = feed.events.length;
    const { report } = await realign();
    expect(report.differences).toBe(5);
    expect(report.lastDifferenceAt).toEqual(expect.any(String));
    expect(report.sources).toMatchObject([
      { subgraph: 'faults', missing: 1, extra: 1, changed: 2, examples: expect.any(Array) },
      { subgraph: 'inventory', missing: 0, extra: 0, changed: 1 },
    ]);
    expect(await entities()).toEqual(whole);
    const { nodes } = await centre.alarms({ hosts: ['after'] });
    expect(nodes).toMatchObject([{ reasonText: 'Platform CPU usage is 93.0 %' }]);
    expect((await centre.ask('{ hosts(filter: { hostname: "a" }) { nodes { availability } } }')).hosts.nodes).toEqual([
      { availability: 'AVAILABLE' },
    ]);
    await feed.until('the list', events => events.slice(before).some(event => event.kind === 'ALIGNED'));
    const told = feed.events.slice(before);
    expect(told[0]).toMatchObject({ kind: 'LIST_REBUILT', region: { id: 'lagos-1' } });
    expect(told.at(-1)).toMatchObject({ kind: 'ALIGNED', region: { id: 'lagos-1' } });
    const listed = words(told.slice(1, -1));
    expect(listed.sort()).toEqual(whole.map(entity => `SNAPSHOT ${entity}`)); // and not what is suppressed or masked

    const again = (await realign()).report;
    expect(again).toMatchObject({ differences: 0, lastDifferenceAt: report.lastDifferenceAt });
    expect(feed.events.length).toBe(before + told.length);
    const resumed = centre.subscribe(FEED, { after: told[1].cursor });
    left.add(() => resumed.close());
    await resumed.until('the rest', events => events.length >= told.length - 2);
    expect(resumed.events.filter(event => event.kind !== 'HEARTBEAT')).toEqual(told.slice(2));
  });

  test('is found out by itself at the interval', async () => {
    await door.raise({ entityInstanceId: 'host=self' });
    const watchful = await aCentre({ fleet: { realignEveryMs: 500 } });
    left.add(() => watchful.close());
    await watchful.join('lagos-1', house.door());
    await watchful.rows(`delete from mirror_alarm where entity_instance_id = 'host=self'`);
    const { alignment } = await eventually('the repair', async () => {
      const { region } = await watchful.ask(`{ region(id: "lagos-1") { alignment { ${REPORT} } } }`);
      return region.alignment?.lastDifferenceAt && region;
    });
    expect(alignment.lastDifferenceAt).toEqual(expect.any(String));
    expect((await watchful.alarms({ hosts: ['self'] })).totalCount).toBe(1);
  });
});

describe('realignRegion', () => {
  test('at a replica that does not lead has the one that leads do it', async () => {
    const second = await aCentre({}, centre);
    left.add(() => second.close());
    await centre.rows(`delete from mirror_alarm where entity_instance_id = 'place=anywhere'`);
    expect((await realign({}, second)).report.differences).toBe(1);
  });

  test('repeated with its key does not ask again', async () => {
    const first = await realign({ idempotencyKey: 'once' });
    await centre.rows(`delete from mirror_alarm where entity_instance_id = 'place=anywhere'`);
    expect((await realign({ idempotencyKey: 'once' })).report).toEqual(first.report);
    expect(await centre.rows('select realign_requested_at as at from region')).toEqual([{ at: null }]);
    expect((await realign()).report.differences).toBe(1);
  });

  test('is refused for a region that is not there or not heard', async () => {
    expect((await realign({ id: 'nowhere' })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    await centre.change('addRegion', { id: 'dead-1', endpoint: 'http://127.0.0.1:9/dead-1' });
    const { report, userErrors } = await realign({ id: 'dead-1' });
    expect(report).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'REGION_OFFLINE', path: ['input', 'id'] }]);
    expect((await centre.ask('{ region(id: "dead-1") { alignment { checkedAt } } }')).region.alignment).toBeNull();
  });
});
