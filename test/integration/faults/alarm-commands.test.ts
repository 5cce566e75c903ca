// The life of alarms through a real region's door: raise, change, acknowledge, clear, and every refusal.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { anAlarm } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { ask, refusal } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const kinds = async (id: string): Promise<string[]> => {
  const text = 'select kind from faults.outbox where entity_id = $1 order by sequence';
  return (await house.rows(text, [id.split('/')[1]])).map(row => row.kind);
};
const openAlarms = async (filter = '') =>
  (await door.region('faults', `alarms(first: 500${filter}) { nodes { id entityInstanceId } totalCount }`)).alarms;

describe('raising', () => {
  test('opens an alarm that knows where it is', async () => {
    const { alarm, userErrors } = await door.raise({
      entityInstanceId: 'host=compute-9.filesystem=/var.lib',
      alarmId: '100.104',
    });
    expect(userErrors).toEqual([]);
    expect(alarm).toMatchObject({
      entityTypeId: 'host.filesystem',
      severity: 'MAJOR',
      acknowledged: null,
      clearedAt: null,
      updatedAt: alarm.raisedAt,
    });
    expect(alarm.id).toMatch(/^lagos-1\//);
  });

  test('again without anything new changes nothing, not even its sequence', async () => {
    const input = anAlarm();
    const first = (await door.raise(input)).alarm;
    expect((await door.raise(input)).alarm).toEqual(first);
    expect((await door.raise({ ...input, reasonText: null })).alarm).toEqual(first);
    expect(await kinds(first.id)).toEqual(['RAISED']);
  });

  test('with another severity or reason is a CHANGED of the same alarm', async () => {
    const input = anAlarm();
    const first = (await door.raise(input)).alarm;
    const minor = (await door.raise({ ...input, severity: 'MINOR' })).alarm;
    expect(minor).toMatchObject({ id: first.id, severity: 'MINOR', raisedAt: first.raisedAt });
    expect(BigInt(minor.sequence)).toBeGreaterThan(BigInt(first.sequence));
    const worded = (await door.raise({ ...input, severity: 'MINOR', reasonText: 'now 70 %' })).alarm;
    expect(worded).toMatchObject({ id: first.id, reasonText: 'now 70 %' });
    expect(await kinds(first.id)).toEqual(['RAISED', 'CHANGED', 'CHANGED']);
  });

  test('worse drops the acknowledgement, better keeps it', async () => {
    const input = anAlarm({ severity: 'MAJOR' });
    const { id } = (await door.raise(input)).alarm;
    await door.acknowledge({ id, comment: 'seen' });
    const better = (await door.raise({ ...input, severity: 'WARNING' })).alarm;
    expect(better.acknowledged).toMatchObject({ comment: 'seen' });
    expect((await door.raise({ ...input, severity: 'CRITICAL' })).alarm.acknowledged).toBeNull();
  });

  test('what was cleared is a new alarm with a new id', async () => {
    const input = anAlarm();
    const first = (await door.raise(input)).alarm;
    await door.clear({ id: first.id });
    const second = (await door.raise(input)).alarm;
    expect(second.id).not.toBe(first.id);
    expect(second).toMatchObject({ clearedAt: null, acknowledged: null });
  });

  test('by twenty at once opens one alarm', async () => {
    const input = anAlarm();
    const answers = await Promise.all(Array.from({ length: 20 }, () => door.raise(input)));
    expect(new Set(answers.map(answer => answer.alarm.id)).size).toBe(1);
  });

  test('twice under one idempotencyKey is raised once, even after a clear', async () => {
    const input = anAlarm({ idempotencyKey: randomUUID() });
    const first = await door.raise(input);
    await door.clear({ id: first.alarm.id });
    expect(await door.raise(input)).toEqual(first);
    expect((await openAlarms(`, filter: { entityInstanceId: "${input.entityInstanceId}" }`)).totalCount).toBe(0);
    const { userErrors } = await door.raise({ ...input, severity: 'MINOR' });
    expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });

  test.each([
    ['an alarmId of four digits', { alarmId: '1000.101' }, 'INVALID', 'alarmId'],
    ['an entity that is no pair', { entityInstanceId: 'compute-0' }, 'INVALID', 'entityInstanceId'],
    ['an entity without a value', { entityInstanceId: 'host=' }, 'INVALID', 'entityInstanceId'],
    ['an entity of 256 characters', { entityInstanceId: `host=${'h'.repeat(251)}` }, 'TOO_LONG', 'entityInstanceId'],
    ['a reason of 1,001 characters', { reasonText: 'r'.repeat(1_001) }, 'TOO_LONG', 'reasonText'],
  ])('%s is refused with the place of the fault', async (_, wrong, code, field) => {
    const { alarm, userErrors } = await door.raise(wrong);
    expect(alarm).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
  });

  test('for another region is refused: the alarm would show up in the wrong place', async () => {
    const mutation = 'mutation ($input: RaiseAlarmInput!) { raiseAlarm(input: $input) { alarm { id } } }';
    const input = { region: 'accra-1', ...anAlarm() };
    expect(await refusal(house.url('faults'), mutation, { input })).toBe('BAD_USER_INPUT');
  });
});

describe('clearing', () => {
  test('closes the alarm and takes it off the list', async () => {
    const { id, entityInstanceId } = (await door.raise()).alarm;
    const { alarm } = await door.clear({ id });
    expect(alarm.clearedAt).toBe(alarm.updatedAt);
    expect(await kinds(id)).toEqual(['RAISED', 'CLEARED']);
    expect((await openAlarms()).nodes.map((a: { id: string }) => a.id)).not.toContain(id);
    const found = await ask(house.url('faults'), 'query ($id: ID!) { alarm(id: $id) { clearedAt entityInstanceId } }', {
      id,
    });
    expect(found.alarm).toEqual({ clearedAt: alarm.clearedAt, entityInstanceId });
  });

  test('is exact: sub1 does not clear sub10', async () => {
    const at = (sub: string) => ({ alarmId: '280.001', entityInstanceId: `subcloud=${sub}` });
    for (const sub of ['sub1', 'sub10', 'sub1.host=sub1']) await door.raise(at(sub));
    await door.clear({ region: 'lagos-1', ...at('sub1') });
    const left = (await openAlarms(', filter: { alarmIds: ["280.001"] }')).nodes;
    expect(left.map((a: { entityInstanceId: string }) => a.entityInstanceId).sort()).toEqual([
      'subcloud=sub1.host=sub1',
      'subcloud=sub10',
    ]);
  });

  test('twice is ALREADY_CLEARED, by id and by key', async () => {
    const { id, alarmId, entityInstanceId } = (await door.raise()).alarm;
    await door.clear({ id });
    const again = [{ id }, { region: 'lagos-1', alarmId, entityInstanceId }];
    for (const input of again)
      expect((await door.clear(input)).userErrors).toMatchObject([{ code: 'ALREADY_CLEARED' }]);
    expect(await kinds(id)).toEqual(['RAISED', 'CLEARED']);
  });

  test('what was never there is NOT_FOUND', async () => {
    const inputs = [
      { id: `lagos-1/${randomUUID()}` },
      { region: 'lagos-1', alarmId: '999.999', entityInstanceId: 'host=x' },
    ];
    for (const input of inputs) expect((await door.clear(input)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test.each([
    ['nothing', {}],
    ['half a key', { region: 'lagos-1', alarmId: '100.101' }],
    ['an id and a key', { id: `lagos-1/${randomUUID()}`, alarmId: '100.101', entityInstanceId: 'host=x' }],
  ])('%s is refused', async (_, input) => {
    expect((await door.clear(input)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input'] }]);
  });

  describe('hierarchically', () => {
    const below = (host: string) => [
      `host=${host}.port=eth0`,
      `host=${host}.ntp`,
      `host=${host}`,
      `host=${host}1`,
      `host=${host}.lan.port=eth0`,
      `host=other.host=${host}`,
    ];
    const at = (entityInstanceId: string) => ({ alarmId: '300.001', entityInstanceId });
    const stillOpen = async () =>
      (await openAlarms(', filter: { alarmIds: ["300.001"] }')).nodes.map(
        (a: { entityInstanceId: string }) => a.entityInstanceId,
      );

    test('takes what lies below, at a boundary of pairs, and says how many', async () => {
      for (const entity of below('tree')) await door.raise(at(entity));
      await door.raise({ ...at('host=tree'), alarmId: '300.002' });
      const answer = await door.clear({ region: 'lagos-1', ...at('host=tree'), hierarchical: true });
      expect(answer).toMatchObject({ cleared: 3, alarm: { entityInstanceId: 'host=tree' }, userErrors: [] });
      expect((await stillOpen()).sort()).toEqual(['host=other.host=tree', 'host=tree.lan.port=eth0', 'host=tree1']);
    });

    test('of nothing answers as an exact clear does', async () => {
      const gone = { region: 'lagos-1', ...at('host=leafless'), hierarchical: true };
      expect(await door.clear(gone)).toMatchObject({ cleared: 0, alarm: null, userErrors: [{ code: 'NOT_FOUND' }] });
      await door.raise(at('host=leafless.port=eth0'));
      expect(await door.clear(gone)).toMatchObject({
        cleared: 1,
        alarm: { entityInstanceId: 'host=leafless.port=eth0' },
      });
    });

    test('is never meant when it is not asked for', async () => {
      for (const entity of ['host=exact', 'host=exact.port=eth0']) await door.raise(at(entity));
      expect((await door.clear({ region: 'lagos-1', ...at('host=exact') })).cleared).toBe(1);
      expect(await stillOpen()).toContain('host=exact.port=eth0');
    });

    test('goes by key only', async () => {
      const { id } = (await door.raise()).alarm;
      const { userErrors } = await door.clear({ id, hierarchical: true });
      expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'hierarchical'] }]);
    });
  });

  test('by key in another region is refused', async () => {
    const mutation = 'mutation ($input: ClearAlarmInput!) { clearAlarm(input: $input) { alarm { id } } }';
    const { alarmId, entityInstanceId } = (await door.raise()).alarm;
    const input = { region: 'accra-1', alarmId, entityInstanceId };
    expect(await refusal(house.url('faults'), mutation, { input })).toBe('BAD_USER_INPUT');
  });
});

describe('acknowledging', () => {
  test('says when and why, and can be taken back', async () => {
    const { id } = (await door.raise()).alarm;
    const { alarm } = await door.acknowledge({ id, comment: 'on my way', by: 'ada' });
    expect(alarm.acknowledged).toEqual({ at: alarm.updatedAt, by: 'ada', comment: 'on my way' });
    expect((await door.unacknowledge({ id, by: 'bo' })).alarm.acknowledged).toBeNull();
    expect(await kinds(id)).toEqual(['RAISED', 'ACKNOWLEDGED', 'UNACKNOWLEDGED']);
  });

  test('narrows the list', async () => {
    const { id, entityInstanceId } = (await door.raise()).alarm;
    const count = async (acknowledged: boolean) =>
      (await openAlarms(`, filter: { acknowledged: ${acknowledged}, entityInstanceId: "${entityInstanceId}" }`))
        .totalCount;
    expect([await count(true), await count(false)]).toEqual([0, 1]);
    await door.acknowledge({ id });
    expect([await count(true), await count(false)]).toEqual([1, 0]);
  });

  test('is refused where there is nothing to acknowledge or to take back', async () => {
    const { id } = (await door.raise()).alarm;
    expect((await door.unacknowledge({ id })).userErrors).toMatchObject([{ code: 'NOT_ACKNOWLEDGED' }]);
    await door.clear({ id });
    expect((await door.acknowledge({ id })).userErrors).toMatchObject([{ code: 'ALREADY_CLEARED' }]);
    expect((await door.unacknowledge({ id })).userErrors).toMatchObject([{ code: 'ALREADY_CLEARED' }]);
    const stranger = { id: `lagos-1/${randomUUID()}` };
    expect((await door.acknowledge(stranger)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const long = { id, comment: 'c'.repeat(1_001) };
    expect((await door.acknowledge(long)).userErrors).toMatchObject([{ code: 'TOO_LONG', path: ['input', 'comment'] }]);
  });
});

describe('commenting', () => {
  test('adds to the alarm what was said, newest first, and changes nothing else', async () => {
    const before = (await door.raise()).alarm;
    await door.comment({ id: before.id, comment: 'disk ordered', by: 'ada' });
    const { alarm } = await door.comment({ id: before.id, comment: 'disk is here' });
    expect(alarm.comments).toEqual([
      { at: alarm.updatedAt, by: null, text: 'disk is here' },
      { at: expect.any(String), by: 'ada', text: 'disk ordered' },
    ]);
    const { comments, updatedAt, sequence, ...rest } = alarm;
    expect(before).toMatchObject(rest);
    expect(await kinds(before.id)).toEqual(['RAISED', 'COMMENTED', 'COMMENTED']);
  });

  test('is told to followers with who said what', async () => {
    const { id } = (await door.raise()).alarm;
    await door.comment({ id, comment: 'look here', by: 'ada' });
    await door.acknowledge({ id });
    const notes = await house.rows(
      `select "row" -> 'note' as note from faults.outbox where entity_id = $1 order by sequence`,
      [id.split('/')[1]],
    );
    expect(notes.map(row => row.note)).toEqual([null, { by: 'ada', comment: 'look here' }, null]);
  });

  test('keeps the newest hundred', async () => {
    const { id } = (await door.raise()).alarm;
    for (let n = 1; n <= 101; n++) await door.comment({ id, comment: `no. ${n}` });
    const { alarm } = await door.comment({ id, comment: 'no. 102' });
    const texts = alarm.comments.map((comment: { text: string }) => comment.text);
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([100, 'no. 102', 'no. 3']);
  });

  test.each([
    ['no text', { comment: ' ' }, 'INVALID', 'comment'],
    ['1,001 characters', { comment: 'c'.repeat(1_001) }, 'TOO_LONG', 'comment'],
    ['a name of 256 characters', { comment: 'c', by: 'b'.repeat(256) }, 'TOO_LONG', 'by'],
  ])('with %s is refused', async (_, wrong, code, field) => {
    const { userErrors } = await door.comment({ id: `lagos-1/${randomUUID()}`, ...wrong });
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
  });

  test('needs an open alarm', async () => {
    const { id } = (await door.raise()).alarm;
    await door.clear({ id });
    expect((await door.comment({ id, comment: 'late' })).userErrors).toMatchObject([{ code: 'ALREADY_CLEARED' }]);
    const stranger = { id: `lagos-1/${randomUUID()}`, comment: 'who?' };
    expect((await door.comment(stranger)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});
