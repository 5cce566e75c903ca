// Which alarm explains which, asked of a real region and of the centre that mirrors it: both say the same.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';
import { aCentre, type Centre, type Data, FEED } from './fleet-house.ts';

const left = leftovers();
const region = 'lagos-1';
let house: House;
let centre: Centre;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse([region]);
  left.add(() => house.stop());
  door = hands(house);
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join(region, house.door());
});

const NODES = `nodes { id alarmId severity entityInstanceId suppressed masked
  rootCause { id } impacted(first: 500) { totalCount nodes { id } } }`;
const all = '{ includeSuppressed: true, includeMasked: true';

interface Seen {
  readonly id: string;
  readonly alarmId: string;
  readonly severity: string;
  readonly entityInstanceId: string;
  readonly suppressed: boolean;
  readonly masked: boolean;
  readonly rootCause: { readonly id: string } | null;
  readonly impacted: { readonly totalCount: number; readonly nodes: readonly { readonly id: string }[] };
}

const inRegion = async (filter: string): Promise<Seen[]> =>
  (await door.region('faults', `alarms(first: 500, filter: ${filter}) { ${NODES} }`)).alarms.nodes;
const inCentre = async (filter: string): Promise<Seen[]> =>
  (await centre.ask(`{ alarms(first: 500, filter: ${filter}) { ${NODES} } }`)).alarms.nodes;
const aligned = async (): Promise<void> => {
  const [{ sequence }] = await house.rows('select sequence from faults.outbox_head');
  await eventually('the mirror', async () => {
    const found = await centre.rows(`select sequence from region_position where source = 'faults'`);
    return found[0]?.sequence === sequence;
  });
};
const item = (alarmId: string, entityInstanceId: string, severity = 'CRITICAL') => ({
  alarmId,
  entityInstanceId,
  severity,
});

/** The rule in its plainest words. */
function explains(cause: Seen, alarm: Seen): boolean {
  const host = (seen: Seen) => seen.entityInstanceId.split('.')[0];
  const place = ({ alarmId, severity, entityInstanceId }: Seen): number => {
    const found = ['200.001', '200.004', '200.005', '200.009', '200.011'].indexOf(alarmId);
    const whole = !entityInstanceId.includes('.');
    return found >= 0 && whole && (found === 0 || severity === 'CRITICAL') ? found : 9;
  };
  return !cause.suppressed && !cause.masked && host(cause) === host(alarm) && place(cause) < place(alarm);
}

describe('every mixture of causes on a host', () => {
  beforeAll(async () => {
    const causes = [
      item('200.001', '', 'WARNING'),
      item('200.004', ''),
      item('200.005', ''),
      item('200.009', '', 'MAJOR'),
      item('200.011', ''),
    ];
    const alarms = Array.from({ length: 32 }, (_, bits) => {
      const chosen = causes.filter((_cause, i) => bits & (1 << i));
      const below = [item('300.001', '.port=eth0', 'MAJOR'), item('200.005', '.network=mgmt')];
      return [...below, ...chosen].map(a => ({ ...a, entityInstanceId: `host=h${bits}${a.entityInstanceId}` }));
    }).flat();
    await door.raiseAll({ region, alarms });
    for (const host of ['h2', 'h3', 'h6', 'h7', 'h22'])
      await door.suppress({ region, alarmId: '200.004', entityPattern: `host=${host}`, reason: 'known' });
    await door.suppress({ region, alarmId: '200.001', entityPattern: 'host=h5', reason: 'known' });
    await aligned();
  });

  test.each([
    ['region', inRegion],
    ['centre', inCentre],
  ])('the %s knows what explains each alarm, what each explains, and what nothing explains', async (_, list) => {
    const alarms = await list(`${all} }`);
    expect(alarms).toHaveLength(144);
    const byId = new Map(alarms.map(alarm => [alarm.id, alarm]));
    for (const alarm of alarms) {
      const explaining = alarms.filter(cause => explains(cause, alarm));
      const cause = alarm.rootCause && byId.get(alarm.rootCause.id)!;
      expect(cause !== null, alarm.entityInstanceId).toBe(explaining.length > 0);
      if (cause) expect(explaining.every(other => other === cause || explains(cause, other))).toBe(true);
      const impacted = alarms.filter(other => explains(alarm, other)).map(other => other.id);
      expect(alarm.impacted.nodes.map(node => node.id)).toEqual(impacted);
      expect(alarm.impacted.totalCount).toBe(impacted.length);
    }
    const unexplained = alarms.filter(alarm => alarm.rootCause === null).map(alarm => alarm.id);
    expect(unexplained.length).toBeGreaterThan(32);
    expect((await list(`${all}, rootCausesOnly: true }`)).map(alarm => alarm.id)).toEqual(unexplained);
  });

  test('both say the same, and a cursor of one serves the other', async () => {
    const [there, here] = [await inRegion(`${all} }`), await inCentre(`${all} }`)];
    expect(here).toEqual(there);
    const cause = there.find(alarm => alarm.impacted.totalCount > 3)!;
    const page = 'impacted(first: 2) { pageInfo { hasNextPage endCursor } }';
    const [{ impacted }] = (
      await centre.ask(
        `{ alarms(filter: { includeMasked: true, alarmIds: ["${cause.alarmId}"], entityInstanceId: "${cause.entityInstanceId}" }) { nodes { ${page} } } }`,
      )
    ).alarms.nodes;
    expect(impacted.pageInfo.hasNextPage).toBe(true);
    const rest = `... on Alarm { impacted(after: "${impacted.pageInfo.endCursor}") { nodes { id } } }`;
    const { data } = await door.entities('faults', [{ __typename: 'Alarm', id: cause.id }], rest);
    expect(data._entities[0].impacted.nodes).toEqual(cause.impacted.nodes.slice(2));
  });

  test('counts with the filter are those of the list', async () => {
    const { alarms, alarmSummary: s } = await centre.ask(
      `{ alarms(filter: { rootCausesOnly: true }) { totalCount } alarmSummary(filter: { rootCausesOnly: true }) { critical major minor warning } }`,
    );
    expect(s.critical + s.major + s.minor + s.warning).toBe(alarms.totalCount);
    expect(alarms.totalCount).toBeLessThan((await centre.ask('{ alarms { totalCount } }')).alarms.totalCount);
  });

  test('costs the same number of statements for one alarm and for a hundred', async () => {
    const selection = (first: number) => `alarms(first: ${first}, filter: ${all} }) { ${NODES} }`;
    const cost = async (first: number) => ({
      region: await statementsOf(/^alarms\./, () => door.region('faults', selection(first))),
      centre: await statementsOf(/^fleet\.(alarm|cause|impact)/, () => centre.ask(`{ ${selection(first)} }`)),
    });
    const many = await cost(100);
    expect(many.region).toEqual([
      'alarms.count',
      'alarms.impacted',
      'alarms.impactedCount',
      'alarms.openByKeys',
      'alarms.page',
    ]);
    expect(many.centre).toEqual(['fleet.alarms', 'fleet.causes', 'fleet.impacted', 'fleet.impactedCount']);
  });
});

describe('as alarms come and go', () => {
  const causeOf = async (entity: string): Promise<string | null> => {
    const found = (await inCentre(`{ hosts: ["late"], entityInstanceId: "${entity}" }`))[0]!;
    return found.rootCause?.id ?? null;
  };

  test('a child that came before its cause is explained once that comes, and a root again when it goes', async () => {
    const child = 'host=late.sensor=fan1';
    await door.raise(item('200.007', child, 'MAJOR'));
    await aligned();
    expect(await causeOf(child)).toBeNull();
    const { alarm: intermittent } = await door.raise(item('200.005', 'host=late', 'MAJOR'));
    await aligned();
    expect(await causeOf(child)).toBeNull();
    await door.raise(item('200.005', 'host=late', 'CRITICAL')); // now it is gone for good
    await aligned();
    expect(await causeOf(child)).toBe(intermittent.id);
    await door.clear({ id: intermittent.id });
    await aligned();
    expect(await causeOf(child)).toBeNull();
    expect((await inRegion(`{ rootCausesOnly: true, entityInstanceId: "${child}" }`)).length).toBe(1);
  });

  test('a cleared alarm explains nothing and is explained by nothing', async () => {
    const { alarm: child } = await door.raise(item('200.007', 'host=gone.sensor=fan1', 'MAJOR'));
    const { alarm: cause } = await door.raise(item('200.004', 'host=gone'));
    const ask = async () => {
      const references = [child, cause].map(({ id }) => ({ __typename: 'Alarm', id }));
      const { data } = await door.entities(
        'faults',
        references,
        '... on Alarm { rootCause { id } impacted { totalCount } }',
      );
      return data._entities.map((a: Data) => [a.rootCause?.id ?? null, a.impacted.totalCount]);
    };
    expect(await ask()).toEqual([
      [cause.id, 0],
      [null, 1],
    ]);
    await door.clear({ id: child.id });
    expect(await ask()).toEqual([
      [null, 0],
      [null, 0],
    ]);
  });
});

test('hosts list their root causes only', async () => {
  const hosts = [await door.host({ hostname: 'k1' }), await door.host({ hostname: 'k2' })];
  const references = hosts.map(({ id }) => ({ __typename: 'Host', id }));
  for (const name of ['k1', 'k2']) await door.raise(item('300.001', `host=${name}.port=eth0`, 'MAJOR'));
  await door.raise(item('200.004', 'host=k1'));
  const selection =
    '... on Host { alarms(filter: { rootCausesOnly: true }) { totalCount nodes { entityInstanceId } } }';
  const seen = await eventually('both hosts', async () => {
    const { data } = await door.entities('faults', references, selection);
    return data._entities.every((host: Data) => host.alarms !== null) && data._entities;
  });
  expect(seen.map(({ alarms }: Data) => [alarms.totalCount, alarms.nodes[0].entityInstanceId])).toEqual([
    [1, 'host=k1'],
    [1, 'host=k2.port=eth0'],
  ]);
});

test('a feed refuses the filter rather than keep silent about what it would miss', async () => {
  const feed = centre.subscribe(FEED, { filter: { rootCausesOnly: true } });
  left.add(() => feed.close());
  const [error] = await eventually('a refusal', () => (feed.errors.length > 0 ? feed.errors : null));
  expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect(error.message).toContain('rootCausesOnly');
});

test('the loss of a region explains all that is known of it, until it is back', async () => {
  await aligned();
  const before = (await inCentre(`${all} }`)).length;
  await house.stop();
  const [loss, ...rest] = await eventually('the loss', async () => {
    const alarms = await inCentre(`${all} }`);
    return alarms.find(alarm => alarm.alarmId === '280.001') ? alarms : null;
  });
  expect(loss).toMatchObject({ alarmId: '280.001', rootCause: null, impacted: { totalCount: before } });
  expect(new Set(rest.map(alarm => alarm.rootCause?.id))).toEqual(new Set([`${region}/280.001`]));
  expect((await inCentre(`${all}, rootCausesOnly: true }`)).map(alarm => alarm.alarmId)).toEqual(['280.001']);
  await house.start();
  await eventually('its return', async () => (await inCentre(`{ rootCausesOnly: true }`)).length > 1);
});
