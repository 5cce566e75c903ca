// Alertmanager's webhook at a real region's door: what fires is raised, what resolves is cleared, a resend is no news.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { type AlertFixture, anAlert, aPayload, onNode } from './alertmanager-payloads.ts';

const left = leftovers();
const TOKEN = 'a-token-of-thirty-two-characters';
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

async function send(body: unknown, headers: Record<string, string> = {}, at: House = house) {
  const response = await fetch(`${at.door()}/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape that it asked for
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

const NOTHING = { raised: 0, changed: 0, cleared: 0, unchanged: 0, refused: [], truncated: 0 };
/** The counts of a payload that is taken. */
async function counts(alerts: readonly AlertFixture[], overrides: Record<string, unknown> = {}) {
  const { status, body } = await send(aPayload(alerts, overrides));
  expect([status, body.errors]).toEqual([200, undefined]);
  return body;
}

const openOf = async (part: string): Promise<{ alarmId: string; entityInstanceId: string; severity: string }[]> => {
  const { alarms } = await door.region(
    'faults',
    'alarms(first: 500) { nodes { alarmId severity entityInstanceId reasonText host { id } } }',
  );
  return alarms.nodes.filter((alarm: { entityInstanceId: string }) => alarm.entityInstanceId.includes(part));
};
const head = async (): Promise<string> => (await house.rows('select sequence from faults.outbox_head'))[0].sequence;

describe('a group of alerts', () => {
  test('becomes an alarm each, in one transaction', async () => {
    const group = ['g-0', 'g-1', 'g-2'].map(node => ({ labels: onNode('NodeDown', node) }));
    expect(await counts(group)).toEqual({ ...NOTHING, raised: 3 });
    const open = await openOf('host=g-');
    expect(open).toHaveLength(3);
    expect(open).toContainEqual(
      expect.objectContaining({
        alarmId: '990.281',
        severity: 'CRITICAL',
        entityInstanceId: 'host=g-1.alert=NodeDown.instance-port=9100.job=node.severity=critical',
        reasonText: 'NodeDown on g-1:9100',
      }),
    );
    const written = await house.rows(
      `select count(distinct xmin::text)::int as n from faults.outbox where "row"->>'hostname' like 'g-%'`,
    );
    expect(written).toEqual([{ n: 1 }]);
  });

  test('sent again writes nothing at all', async () => {
    const group = ['s-0', 's-1'].map(node => ({ labels: onNode('NodeDown', node) }));
    await counts(group);
    const before = await head();
    expect(await counts([...group].reverse())).toEqual({ ...NOTHING, unchanged: 2 });
    expect(await head()).toBe(before);
  });

  test('with another text is a change of the same alarm', async () => {
    const labels = onNode('HighLoad', 'c-0');
    await counts([{ labels }]);
    expect(await counts([{ labels, annotations: { summary: 'Load is 97' } }])).toEqual({ ...NOTHING, changed: 1 });
    expect(await openOf('host=c-0')).toMatchObject([{ reasonText: 'Load is 97' }]);
  });

  test('with a fingerprint twice counts once, by the last', async () => {
    const labels = onNode('Twin', 't-0');
    const twice = [
      { labels, fingerprint: 'f1' },
      { labels, fingerprint: 'f1', annotations: { summary: 'second' } },
    ];
    expect(await counts(twice)).toEqual({ ...NOTHING, raised: 1 });
    expect(await openOf('host=t-0')).toMatchObject([{ reasonText: 'second' }]);
  });

  test('that was cut short is taken, and says so', async () => {
    const cut = await counts([{ labels: onNode('Cut', 'cut-0') }], { truncatedAlerts: 12 });
    expect(cut).toEqual({ ...NOTHING, raised: 1, truncated: 12 });
  });

  test('keeps the alerts that have a place when one has none', async () => {
    const alerts = [{ labels: { instance: 'x' }, fingerprint: 'nameless' }, { labels: onNode('Placed', 'p-0') }];
    const reason = 'labels.alertname or labels.alarm_id is missing';
    expect(await counts(alerts)).toEqual({
      ...NOTHING,
      raised: 1,
      refused: [{ fingerprint: 'nameless', reason }],
    });
  });

  test('without alerts changes nothing', async () => {
    expect(await counts([])).toEqual(NOTHING);
  });

  test('of a thousand is taken at once', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => ({ labels: onNode('Storm', `storm-${i}`) }));
    expect(await counts(many)).toEqual({ ...NOTHING, raised: 1_000 });
    expect(await counts(many.map(alert => ({ ...alert, status: 'resolved' as const })))).toEqual({
      ...NOTHING,
      cleared: 1_000,
    });
  });
});

describe('resolved', () => {
  test('clears exactly its own alarm', async () => {
    const [one, ten] = ['r-1', 'r-10'].map(node => ({ labels: onNode('NodeDown', node) }));
    await counts([one!, ten!]);
    expect(await counts([{ ...one!, status: 'resolved' }])).toEqual({ ...NOTHING, cleared: 1 });
    expect((await openOf('host=r-')).map(alarm => alarm.entityInstanceId)).toEqual([
      'host=r-10.alert=NodeDown.instance-port=9100.job=node.severity=critical',
    ]);
  });

  test('and firing come in one payload', async () => {
    const [gone, stays, comes] = ['m-0', 'm-1', 'm-2'].map(node => ({ labels: onNode('Mixed', node) }));
    await counts([gone!, stays!]);
    const mixed = await counts([{ ...gone!, status: 'resolved' }, stays!, comes!]);
    expect(mixed).toEqual({ ...NOTHING, raised: 1, cleared: 1, unchanged: 1 });
  });

  test('of an unknown or already clear alarm is fine', async () => {
    const alert = { status: 'resolved' as const, labels: onNode('Never', 'n-0') };
    expect(await counts([alert])).toEqual({ ...NOTHING, unchanged: 1 });
    await counts([{ labels: alert.labels }]);
    await counts([alert]);
    expect(await counts([alert])).toEqual({ ...NOTHING, unchanged: 1 });
  });

  test('of the warning leaves the critical alarm of the same rule', async () => {
    const forms = ['warning', 'critical'].map(severity => ({ labels: onNode('Both', 'b-0', { severity }) }));
    await counts(forms);
    await counts([{ ...forms[0]!, status: 'resolved' }]);
    expect(await openOf('host=b-0')).toMatchObject([{ severity: 'CRITICAL' }]);
  });
});

describe('labels that name a StarlingX alarm', () => {
  const named = { alarm_id: '100.104', entity_instance_id: 'host=compute-3.filesystem=/var' };

  test('reach the very alarm that an agent raised, and its catalogue facts', async () => {
    await door.raise({ alarmId: named.alarm_id, entityInstanceId: named.entity_instance_id, severity: 'MAJOR' });
    const labels = { ...onNode('DiskFull', 'compute-3'), ...named };
    expect(await counts([{ labels }])).toEqual({ ...NOTHING, changed: 1 });
    expect(await openOf('host=compute-3')).toMatchObject([{ alarmId: '100.104', severity: 'CRITICAL' }]);
    expect(await counts([{ labels, status: 'resolved' }])).toEqual({ ...NOTHING, cleared: 1 });
  });

  test('shared by several alerts of a payload: firing wins over resolved, and the worst', async () => {
    const entity = { ...named, entity_instance_id: 'host=compute-4.filesystem=/var' };
    const form = (severity: string) => ({ labels: { ...onNode('DiskFull', 'compute-4', { severity }), ...entity } });
    expect(await counts([form('warning'), form('critical')])).toEqual({ ...NOTHING, raised: 1 });
    expect(await counts([{ ...form('critical'), status: 'resolved' }, form('warning')])).toEqual({
      ...NOTHING,
      changed: 1,
    });
    expect(await openOf('host=compute-4')).toMatchObject([{ severity: 'WARNING' }]);
  });

  test('find the host that the inventory knows', async () => {
    const host = await door.host({ hostname: 'known-9' });
    await counts([{ labels: onNode('NodeDown', 'known-9') }]);
    await expect
      .poll(async () => openOf('host=known-9'), { timeout: 10_000 })
      .toMatchObject([{ host: { id: host.id } }]);
  });
});

describe('a payload that cannot be taken', () => {
  const good = aPayload([{ labels: onNode('Good', 'good-0') }]);
  const alert = anAlert({ labels: onNode('Good', 'good-0') });

  test.each<[string, unknown, RegExp]>([
    ['another version', { ...good, version: '5' }, /version: this door reads version "4".*is version "5"/],
    ['a version that is a number', { ...good, version: 4 }, /version: this door reads version "4"/],
    ['no version', { ...good, version: undefined }, /version: /],
    ['no alerts', { ...good, alerts: undefined }, /alerts: /],
    ['an unknown status', { ...good, alerts: [alert, { ...alert, status: 'pending' }] }, /alerts\.1\.status: /],
    ['labels that are no texts', { ...good, alerts: [{ ...alert, labels: { n: 1 } }] }, /alerts\.0\.labels\.n: /],
    [
      'a time that is none',
      { ...good, alerts: [{ ...alert, startsAt: 'now' }] },
      /alerts\.0\.startsAt: must be an inst/,
    ],
    ['no fingerprint', { ...good, alerts: [{ ...alert, fingerprint: undefined }] }, /alerts\.0\.fingerprint: /],
    ['a list', [good], /payload: /],
    ['null', 'null', /payload: |version: /],
    ['no JSON', '{"version":', /is not JSON/],
    ['more than 10,000 alerts', { ...good, alerts: Array(10_001).fill(alert) }, /alerts: must hold at most 10000/],
  ])('%s is a 400 that names the field', async (_, body, message) => {
    const before = await head();
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(await head()).toBe(before);
  });

  test('too large is a 413, any other type than JSON a 415, a GET a 405', async () => {
    expect((await send(`"${'x'.repeat(8 * 1024 * 1024)}"`)).status).toBe(413);
    expect((await send(good, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${house.door()}/alertmanager`)).status).toBe(405);
    expect(await openOf('host=good-0')).toEqual([]);
  });

  test('because the database refuses is a 503 and leaves nothing behind; the resend is taken whole', async () => {
    const pair = ['db-0', 'db-1'].map(node => ({ labels: onNode('Trouble', node) }));
    await house.rows("alter table faults.alarm add constraint broken check (hostname <> 'db-1')");
    const answer = await send(aPayload(pair));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body.errors[0].message).toMatch(/could not store the alerts; nothing was changed/);
    await house.rows('alter table faults.alarm drop constraint broken');
    expect(await openOf('host=db-')).toEqual([]);
    expect(await counts(pair)).toEqual({ ...NOTHING, raised: 2 });
  });

  test('for want of the token is a 401', async () => {
    const guarded = await aHouse(['lagos-1'], { auth: { token: TOKEN } });
    left.add(() => guarded.stop());
    expect((await send(good, {}, guarded)).status).toBe(401);
    expect((await send(good, { authorization: `Bearer ${TOKEN}` }, guarded)).status).toBe(200);
  });
});
