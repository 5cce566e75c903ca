// Agents report hosts and operators label them, at a real region's door.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const outbox = () => house.rows('select sequence, kind, entity_id, "row" from inventory.outbox order by sequence');

describe('a report', () => {
  test('takes a new host with a role into service', async () => {
    const report = aHost({ personality: 'CONTROLLER', managementMac: '02:AB:CD:EF:00:11' });
    const { host, userErrors } = await door.report({ ...report });
    expect(userErrors).toEqual([]);
    expect(host).toMatchObject({
      hostname: report.hostname,
      personality: 'CONTROLLER',
      administrative: 'UNLOCKED',
      operational: 'ENABLED',
      availability: 'AVAILABLE',
      managementMac: '02:ab:cd:ef:00:11',
      labels: [],
    });
    expect(host.id).toMatch(/^lagos-1\/[0-9a-f-]{36}$/);
  });

  test('leaves a host without a role locked and disabled until it is given one', async () => {
    const report = aHost({ personality: null });
    const { host } = await door.report({ ...report });
    expect(host).toMatchObject({ administrative: 'LOCKED', operational: 'DISABLED', availability: 'ONLINE' });
    const { host: named } = await door.report({ ...report, personality: 'STORAGE' });
    expect(named).toMatchObject({ id: host.id, administrative: 'UNLOCKED', operational: 'ENABLED' });
  });

  test('with a known identity changes that host, and says nothing when nothing that others copy changed', async () => {
    const report = aHost();
    const { host } = await door.report({ ...report });
    const before = await outbox();
    const again = await door.report({ ...report, uptimeSeconds: 61 });
    expect(again.host).toMatchObject({ id: host.id, uptimeSeconds: 61 });
    expect(await outbox()).toHaveLength(before.length);
    await door.report({ ...report, serialNumber: 'SN-new' });
    const [change] = (await outbox()).slice(before.length);
    expect(change).toMatchObject({ kind: 'HOST_CHANGED', row: { serialNumber: 'SN-new', hostname: report.hostname } });
  });

  test('of the same new machine by many agents at once makes one host', async () => {
    const report = { ...aHost() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => door.report(report)));
    expect(new Set(answers.map(answer => answer.host.id)).size).toBe(1);
  });

  test.each([
    ['a MAC address that is none', { managementMac: '02:00:00:00:zz:01' }, 'INVALID', 'managementMac'],
    ['a hostname with a space', { hostname: 'compute 0' }, 'INVALID', 'hostname'],
    ['an empty identity', { identity: '' }, 'INVALID', 'identity'],
    ['an identity of 256 characters', { identity: 'i'.repeat(256) }, 'TOO_LONG', 'identity'],
    ['a serial number of 256 characters', { serialNumber: 's'.repeat(256) }, 'TOO_LONG', 'serialNumber'],
    ['a negative uptime', { uptimeSeconds: -1 }, 'INVALID', 'uptimeSeconds'],
    ['65 NUMA nodes', { memory: Array(65).fill(aHost().memory[0]) }, 'TOO_LONG', 'memory'],
  ])('with %s is refused and changes nothing', async (_, wrong, code, field) => {
    const before = await outbox();
    const { host, userErrors } = await door.report({ ...aHost(wrong) });
    expect(host).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
    expect(await outbox()).toEqual(before);
  });
});

describe('labels', () => {
  const label = (key: string, value = 'v') => ({ key, value });

  test('are replaced as a whole and outlive the next report', async () => {
    const report = aHost();
    const { host } = await door.report({ ...report });
    await door.update({ id: host.id, labels: [label('rack', 'r1'), label('example.com/tier', 'gold')] });
    const { host: changed } = await door.update({ id: host.id, labels: [label('rack', 'r2')] });
    expect(changed.labels).toEqual([label('rack', 'r2')]);
    expect((await door.update({ id: host.id })).host.labels).toEqual([label('rack', 'r2')]);
    expect((await door.report({ ...report })).host.labels).toEqual([label('rack', 'r2')]);
  });

  test.each([
    ['a key with a blank', [label('a b')], 'INVALID', ['input', 'labels', '0', 'key']],
    ['a key of 64 characters', [label('k'.repeat(64))], 'INVALID', ['input', 'labels', '0', 'key']],
    ['two slashes', [label('a/b/c')], 'INVALID', ['input', 'labels', '0', 'key']],
    ['a value of 256 characters', [label('k', 'v'.repeat(256))], 'TOO_LONG', ['input', 'labels', '0', 'value']],
    ['the same key twice', [label('k'), label('k', 'w')], 'INVALID', ['input', 'labels']],
    ['65 labels', Array.from({ length: 65 }, (_, i) => label(`k${i}`)), 'TOO_LONG', ['input', 'labels']],
  ])('with %s are refused and the old ones stay', async (_, labels, code, path) => {
    const { id } = await door.host();
    await door.update({ id, labels: [label('kept')] });
    const { host, userErrors } = await door.update({ id, labels });
    expect(host).toBeNull();
    expect(userErrors).toMatchObject([{ code, path }]);
    expect((await door.update({ id })).host.labels).toEqual([label('kept')]);
  });

  test('of a host that is not there are NOT_FOUND', async () => {
    const { host, userErrors } = await door.update({ id: `lagos-1/${randomUUID()}`, labels: [] });
    expect(host).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  test('set under an idempotencyKey are set once: a repeat gets the first answer and undoes nothing', async () => {
    const { id } = await door.host();
    const first = { id, labels: [label('step', '1')], idempotencyKey: randomUUID() };
    const answer = await door.update(first);
    await door.update({ id, labels: [label('step', '2')] });
    expect(await door.update(first)).toEqual(answer);
    expect((await door.update({ id })).host.labels).toEqual([label('step', '2')]);
  });

  test('under a key that came with another input are refused as IDEMPOTENCY_KEY_REUSED', async () => {
    const { id } = await door.host();
    const idempotencyKey = randomUUID();
    await door.update({ id, labels: [label('a')], idempotencyKey });
    const { userErrors } = await door.update({ id, labels: [label('b')], idempotencyKey });
    expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED', path: ['input', 'idempotencyKey'] }]);
    expect((await door.update({ id })).host.labels).toEqual([label('a')]);
  });

  test('under one key, sent eight times at once, are one change', async () => {
    const { id } = await door.host();
    const input = { id, labels: [label('once')], idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => door.update(input)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
