// A region that was away for longer than it keeps its changes, and regions of the release before: no ghosts, nothing twice,
// and whatever is not told as a transition is told as a list.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED, type Subscriber } from './fleet-house.ts';
import { aLine, type RegionLine } from './region-line.ts';

const left = leftovers();
let house: House;
let centre: Centre;
let line: RegionLine;
let door: ReturnType<typeof hands>;
let feed: Subscriber;

beforeAll(async () => {
  house = await aHouse(['lagos-1', 'accra-1']);
  left.add(() => house.stop());
  door = hands(house);
  line = await aLine(house.door());
  left.add(() => line.close());
  centre = await aCentre();
  left.add(() => centre.close());
  feed = centre.subscribe(FEED);
  left.add(() => feed.close());
  await centre.join('lagos-1', line.endpoint);
});

const LOSS = 'subcloud=lagos-1';
const entities = async (region = 'lagos-1'): Promise<string[]> =>
  (await centre.alarms({ regions: [region] })).nodes.map((alarm: Data) => alarm.entityInstanceId).sort();
const words = (events: readonly Data[]) =>
  events.map(({ kind, alarm }) => (alarm ? `${kind} ${alarm.entityInstanceId}` : kind));
/** What a client that does as docs/feed.md says has of the region in the end. */
function heldBy(events: readonly Data[]): string[] {
  const held = new Map<string, string>();
  for (const { kind, alarm } of events) {
    if (kind === 'LIST_REBUILT') held.clear();
    if (kind === 'CLEARED') held.delete(alarm.id);
    else if (alarm) held.set(alarm.id, alarm.entityInstanceId);
  }
  return [...held.values()].sort();
}
const raise = async (...hosts: string[]): Promise<Data[]> => {
  const alarms: Data[] = [];
  for (const host of hosts) alarms.push((await door.raise({ entityInstanceId: `host=${host}` })).alarm);
  return alarms;
};
const forgetChanges = async (): Promise<void> => {
  for (const subgraph of ['inventory', 'faults'])
    await house.rows(`delete from ${subgraph}.outbox where sequence < (select sequence from ${subgraph}.outbox_head)`);
};

describe('a region that was away for longer than it keeps its changes', () => {
  test('is told as a list: what went is gone, what came is there, once', async () => {
    const [stays, goes] = await raise('stays', 'goes');
    await door.host({ hostname: 'old' });
    await feed.until('both', () => words(feed.events).includes('RAISED host=goes'));
    line.cut();
    await feed.until('the loss', () => words(feed.events).includes(`RAISED ${LOSS}`));
    await door.clear({ id: goes.id });
    const [brief] = await raise('brief');
    await door.clear({ id: brief.id });
    await door.raise({ entityInstanceId: 'host=stays', severity: 'CRITICAL' });
    await raise('came');
    await door.host({ hostname: 'new' });
    await forgetChanges();
    const before = feed.events.length;
    line.mend();
    await feed.until('REGION_BACK', events => events.at(-1)?.kind === 'REGION_BACK');
    const [rebuilt, ...told] = feed.events.slice(before);
    expect(rebuilt).toMatchObject({ kind: 'LIST_REBUILT', region: { id: 'lagos-1' } });
    expect(words(told)).toEqual([
      'SNAPSHOT host=stays',
      `SNAPSHOT ${LOSS}`,
      'SNAPSHOT host=came',
      'ALIGNED',
      `CLEARED ${LOSS}`,
      'REGION_BACK',
    ]);
    expect(told[0].alarm).toMatchObject({ id: stays.id, severity: 'CRITICAL' });
    expect(await entities()).toEqual(['host=came', 'host=stays']);
    expect(heldBy(feed.events)).toEqual(await entities());
    const { nodes } = (await centre.ask('{ hosts { nodes { hostname } } }')).hosts;
    expect(nodes).toEqual([{ hostname: 'new' }, { hostname: 'old' }]);
  });

  test('goes on with transitions after it, and the fleet-wide history has those only', async () => {
    await door.clear({ id: (await raise('next'))[0].id });
    await feed.until('both', () => words(feed.events).includes('CLEARED host=next'));
    expect(words(feed.events).slice(-2)).toEqual(['RAISED host=next', 'CLEARED host=next']);
    const { nodes } = (await centre.ask('{ alarmHistory(first: 50) { nodes { kind alarm { entityInstanceId } } } }'))
      .alarmHistory;
    expect(nodes.slice(0, 3).map((t: Data) => `${t.kind} ${t.alarm.entityInstanceId}`)).toEqual([
      'CLEARED host=next',
      'RAISED host=next',
      `CLEARED ${LOSS}`,
    ]);
  });

  test('is whole though the line breaks in the middle of the snapshot, and a leader died in another', async () => {
    line.cut();
    await raise('broken-1', 'broken-2');
    await forgetChanges();
    await centre.rows(
      `insert into staged_alarm (snapshot, id, region, alarm_id, severity, severity_rank, entity_instance_id, raised_at, acknowledged, alarm)
       select gen_random_uuid(), id, region, alarm_id, severity, severity_rank, entity_instance_id, raised_at, acknowledged, alarm
       from mirror_alarm`,
    );
    const before = feed.events.length;
    line.breakSnapshots(2);
    line.mend();
    await feed.until('the list', events => events.slice(before).some(event => event.kind === 'ALIGNED'));
    expect(words(feed.events.slice(before)).filter(word => word === 'LIST_REBUILT')).toEqual(['LIST_REBUILT']);
    expect(await entities()).toEqual(['host=broken-1', 'host=broken-2', 'host=came', 'host=stays']);
    expect(heldBy(feed.events.filter(event => !event.kind.startsWith('REGION_')))).toEqual(await entities());
    expect(await centre.rows('select 1 from staged_alarm union all select 1 from staged_host')).toEqual([]);
  });
});

describe('a region of the release before', () => {
  test('is copied from its first change, in transitions, and compared once it is updated', async () => {
    const accra = hands(house, 'accra-1');
    const { alarm } = await accra.raise({ entityInstanceId: 'host=old-1' });
    await accra.clear({ id: alarm.id });
    await accra.raise({ entityInstanceId: 'host=old-2' });
    const old = await aLine(house.door('accra-1'));
    left.add(() => old.close());
    old.setOld(true);
    const before = feed.events.length;
    await centre.change('addRegion', { id: 'accra-1', endpoint: old.endpoint });
    const own = () => words(feed.events.slice(before).filter(event => event.region?.id === 'accra-1'));
    await feed.until('all of it', () => own().length === 3);
    expect(own()).toEqual(['RAISED host=old-1', 'CLEARED host=old-1', 'RAISED host=old-2']);
    expect(old.asked.some(query => query.includes('snapshot'))).toBe(false);
    old.setOld(false);
    const { report } = await eventually('a comparison', async () => {
      const payload = await centre.change(
        'realignRegion',
        { id: 'accra-1' },
        'report { differences sources { sequence } }',
      );
      return payload.report?.sources[0].sequence === '3' && payload;
    });
    expect(report.differences).toBe(0);
    expect(await entities('accra-1')).toEqual(['host=old-2']);
  });
});
