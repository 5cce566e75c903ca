// The event log through a real region's door: what it takes, how it is read, and how it differs from alarms.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask, post, refusal } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const region = 'lagos-1';
const report = (input: Record<string, unknown> = {}) =>
  door.reportEvent({ region, eventId: '200.022', entityInstanceId: 'host=e0.state=enabled', ...input });
const PAGE =
  'nodes { eventId severity entityInstanceId reasonText at sequence } pageInfo { hasNextPage endCursor } totalCount';
const eventsOf = async (filter: Record<string, unknown>, page: { first?: number; after?: string | null } = {}) =>
  (
    await door.region(
      'faults',
      `events(filter: $filter, first: $first, after: $after) { ${PAGE} }`,
      { filter, first: page.first ?? 50, after: page.after ?? null },
      ', $filter: RegionEventFilter, $first: Int, $after: Cursor',
    )
  ).events;
const placesOf = async (filter: Record<string, unknown>): Promise<string[]> =>
  (await eventsOf(filter)).nodes.map((event: { entityInstanceId: string }) => event.entityInstanceId);

describe('an event', () => {
  test('is kept with the facts of the catalogue and the severity of its log', async () => {
    const occurredAt = new Date(Date.now() - 60_000).toISOString();
    const reasonText = "compute-0 is now 'enabled'";
    const { event, userErrors } = await report({
      entityInstanceId: 'host=facts.state=enabled',
      reasonText,
      occurredAt,
    });
    expect(userErrors).toEqual([]);
    expect(event).toMatchObject({
      eventId: '200.022',
      catalogued: true,
      title: 'Host state or status changed',
      severity: 'WARNING',
      entityTypeId: 'host.state',
      entityInstanceId: 'host=facts.state=enabled',
      reasonText,
      eventType: 'other',
      probableCause: 'unspecified-reason',
      serviceAffecting: true,
      occurredAt,
    });
    expect(event.id).toMatch(/^lagos-1\//);
    expect(event.at > occurredAt).toBe(true);
    expect((await eventsOf({ hosts: ['facts'] })).nodes).toMatchObject([{ reasonText, at: event.at }]);
  });

  test('outside the catalogue is taken, marked, and has a severity only when it was given one', async () => {
    const unknown = { eventId: '999.001', entityInstanceId: 'host=foreign' };
    expect((await report(unknown)).event).toMatchObject({ catalogued: false, title: null, severity: null });
    expect((await report({ ...unknown, severity: 'MINOR' })).event.severity).toBe('MINOR');
  });

  test('is no alarm: it opens none, tells followers nothing, and no suppression or maintenance hides it', async () => {
    const before = await house.rows('select sequence from faults.outbox_head');
    const { maintenanceWindow } = await door.startMaintenance({
      region,
      entityPattern: 'host=quiet',
      until: new Date(Date.now() + 3_600_000).toISOString(),
      reason: 'r',
    });
    await report({ entityInstanceId: 'host=quiet' });
    expect(await placesOf({ hosts: ['quiet'] })).toEqual(['host=quiet']);
    expect(await house.rows('select sequence from faults.outbox_head')).toEqual(before);
    expect(await house.rows(`select 1 from faults.alarm where hostname = 'quiet'`)).toEqual([]);
    await door.endMaintenance({ id: maintenanceWindow.id });
  });

  test('of an alarm of the catalogue is refused, as is raising one of its logs: each names the other door', async () => {
    const wrong = await report({ eventId: '100.101' });
    expect(wrong.event).toBeNull();
    expect(wrong.userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringMatching(/100\.101.*raiseAlarm/), path: ['input', 'eventId'] },
    ]);
    const raised = await door.raise({ alarmId: '401.005', entityInstanceId: 'host=a.network=mgmt' });
    expect(raised.alarm).toBeNull();
    expect(raised.userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringMatching(/401\.005.*reportEvent/), path: ['input', 'alarmId'] },
    ]);
    const alarms = [{ alarmId: '401.007', severity: 'MINOR', entityInstanceId: 'host=a' }];
    const { results } = await door.raiseAll({ region, alarms });
    expect(results[0].userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'alarms', '0', 'alarmId'] }]);
  });

  test.each<[string, () => Record<string, unknown>, string, string]>([
    ['an eventId that is none', () => ({ eventId: '200' }), 'INVALID', 'eventId'],
    ['a place that is none', () => ({ entityInstanceId: 'compute' }), 'INVALID', 'entityInstanceId'],
    ['a reason of 1,001 characters', () => ({ reasonText: 'r'.repeat(1_001) }), 'TOO_LONG', 'reasonText'],
    [
      'a time that is to come',
      () => ({ occurredAt: new Date(Date.now() + 600_000).toISOString() }),
      'INVALID',
      'occurredAt',
    ],
    ['an empty idempotencyKey', () => ({ idempotencyKey: '' }), 'TOO_LONG', 'idempotencyKey'],
  ])('with %s is refused', async (_, wrong, code, field) => {
    const { event, userErrors } = await report(wrong());
    expect(event).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
  });

  test('of another region is refused', async () => {
    const mutation = 'mutation ($input: ReportEventInput!) { reportEvent(input: $input) { event { id } } }';
    const input = { region: 'accra-1', eventId: '200.022', entityInstanceId: 'host=a' };
    expect(await refusal(house.url('faults'), mutation, { input })).toBe('BAD_USER_INPUT');
  });
});

describe('many events', () => {
  const item = (entityInstanceId: string, overrides = {}) => ({ eventId: '200.022', entityInstanceId, ...overrides });

  test('are kept in the order given, a bad one refused alone, numbered without gaps', async () => {
    const events = [item('host=m.n=1'), item('nowhere'), item('host=m.n=2'), item('host=m', { eventId: '100.101' })];
    const { results, userErrors } = await door.reportEvents({ region, events });
    expect(userErrors).toEqual([]);
    expect(
      results.map((result: { event: { entityInstanceId: string } | null }) => result.event?.entityInstanceId),
    ).toEqual(['host=m.n=1', undefined, 'host=m.n=2', undefined]);
    expect(results[1].userErrors).toMatchObject([{ path: ['input', 'events', '1', 'entityInstanceId'] }]);
    expect(await placesOf({ hosts: ['m'] })).toEqual(['host=m.n=2', 'host=m.n=1']);
    await Promise.all(Array.from({ length: 8 }, () => report()));
    const { first, last, n } = (
      await house.rows(
        'select min(sequence)::int as first, max(sequence)::int as last, count(*)::int as n from faults.event',
      )
    )[0];
    expect([first, last]).toEqual([1, n]);
  });

  test('cost as many statements as one, up to a thousand; more are refused', async () => {
    const cost = (n: number) =>
      statementsOf(/^(events|history)\./, async () => {
        const events = Array.from({ length: n }, (_, i) => item(`host=bulk-${i}`));
        const { results } = await door.reportEvents({ region, events });
        expect(results).toHaveLength(n);
      });
    expect(await cost(1_000)).toEqual(await cost(1));
    const tooMany = Array.from({ length: 1_001 }, () => item('host=bulk'));
    const refused = await door.reportEvents({ region, events: tooMany });
    expect(refused).toMatchObject({ results: [], userErrors: [{ code: 'TOO_LONG', path: ['input', 'events'] }] });
  });

  test('under one idempotencyKey are kept once, alone and together', async () => {
    const one = { entityInstanceId: 'host=once', idempotencyKey: randomUUID() };
    expect(await report(one)).toEqual(await report(one));
    const many = { region, events: [item('host=once.n=2')], idempotencyKey: randomUUID() };
    expect(await door.reportEvents(many)).toEqual(await door.reportEvents(many));
    expect(await placesOf({ hosts: ['once'] })).toHaveLength(2);
  });
});

describe('the event log', () => {
  test('is narrowed by time, entity, host, eventId and severity, and counted with the same filter', async () => {
    const early = (await report({ entityInstanceId: 'host=n1.state=enabled' })).event;
    await eventually('the next millisecond', async () => new Date().toISOString() > early.at);
    const late = (await report({ eventId: '401.007', entityInstanceId: 'host=n2' })).event;
    const here = { hosts: ['n1', 'n2'] };
    const [first, second] = ['host=n1.state=enabled', 'host=n2'];
    expect(await placesOf(here)).toEqual([second, first]);
    expect(await placesOf({ ...here, after: late.at })).toEqual([second]);
    expect(await placesOf({ ...here, before: late.at })).toEqual([first]);
    expect(await placesOf({ entityInstanceId: second })).toEqual([second]);
    expect(await placesOf({ hosts: ['n2'] })).toEqual([second]);
    expect(await placesOf({ ...here, eventIds: ['401.007'] })).toEqual([second]);
    expect(await placesOf({ ...here, severities: ['WARNING'] })).toEqual([first]);
    expect((await eventsOf({ ...here, severities: ['WARNING'] })).totalCount).toBe(1);
  });

  test('is whole page by page, whatever comes in meanwhile', async () => {
    const events = Array.from({ length: 7 }, (_, i) => ({ eventId: '200.022', entityInstanceId: `host=paged.n=${i}` }));
    await door.reportEvents({ region, events });
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await eventsOf({ hosts: ['paged'] }, { first: 3, after });
      seen.push(...nodes.map((event: { entityInstanceId: string }) => event.entityInstanceId));
      await report({ entityInstanceId: 'host=paged.n=later' });
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(seen).toEqual(events.map(event => event.entityInstanceId).reverse());
    const forged = await post(
      house.url('faults'),
      `{ _entities(representations: [{ __typename: "Region", id: "${region}" }]) { ... on Region { events(after: "x") { totalCount } } } }`,
    );
    expect(forged.errors?.[0]?.extensions.code).toBe('CURSOR_INVALID');
  });

  test('of hosts has what happened on each, with as many statements for many as for one', async () => {
    const hosts = await Promise.all(['h-a', 'h-b', 'h-c'].map(hostname => door.host({ hostname })));
    await door.reportEvents({
      region,
      events: ['h-a.n=1', 'h-a.n=2', 'h-b.n=1'].map(at => ({ eventId: '200.022', entityInstanceId: `host=${at}` })),
    });
    const selection = '... on Host { events(first: 1) { totalCount nodes { entityInstanceId host { id } } } }';
    const ofHosts = async (wanted: readonly { id: string }[]) => {
      const references = wanted.map(({ id }) => ({ __typename: 'Host', id }));
      return (await door.entities('faults', references, selection)).data._entities;
    };
    const known = async () => (await ofHosts(hosts)).every((host: { events: unknown }) => host.events !== null);
    await eventually('the directory to know them', known);
    const page = (totalCount: number, at: string, id: string) => ({
      events: { totalCount, nodes: [{ entityInstanceId: at, host: { id } }] },
    });
    expect(await ofHosts(hosts)).toEqual([
      page(2, 'host=h-a.n=2', hosts[0].id),
      page(1, 'host=h-b.n=1', hosts[1].id),
      { events: { totalCount: 0, nodes: [] } },
    ]);
    const cost = (wanted: readonly { id: string }[]) => statementsOf(/^(events|directory)\./, () => ofHosts(wanted));
    expect(await cost(hosts)).toEqual(await cost(hosts.slice(0, 1)));
  });

  test('is not counted for who does not ask', async () => {
    const asked = await statementsOf(/^events\./, () =>
      ask(
        house.url('faults'),
        `{ _entities(representations: [{ __typename: "Region", id: "${region}" }]) { ... on Region { events { nodes { id } } } } }`,
      ),
    );
    expect(asked).toEqual(['events.page']);
  });
});
