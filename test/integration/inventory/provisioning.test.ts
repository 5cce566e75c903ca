// Hosts are declared at a real region's door, one by one and from documents, and recognised when their agents report.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const left = leftovers();
let house: House;
let data: string;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'provisioning-'));
  left.add(() => rm(data, { recursive: true }));
  house = await aHouse(['lagos-1'], { data });
  left.add(() => house.stop());
  door = hands(house);
});

beforeEach(async () => {
  await house.rows('delete from inventory.host');
});

const mutation = async (field: string, type: string, result: string, input: object) =>
  (
    await ask(
      house.url('inventory'),
      `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} } }`,
      {
        input: { region: 'lagos-1', ...input },
      },
    )
  ).payload;

const importXml = (document: string, more: object = {}) =>
  mutation(
    'importHosts',
    'ImportHostsInput',
    'hosts { hostname managementMac outcome problems { line message } } userErrors { code message path }',
    { format: 'XML', document, ...more },
  );
const exportXml = () => mutation('exportHosts', 'ExportHostsInput', 'document hosts userErrors { code }', {});
const add = (input: object) =>
  mutation(
    'addHost',
    'AddHostInput',
    `host { id hostname personality administrative availability provisioning location uptimeSeconds lastHeartbeatAt
       cpu { model } ports { name } install { console hwSettle } bmc { type ip username } } userErrors { code message path }`,
    input,
  );

const mac = (n: number): string =>
  `02:00:00:01:${[n >> 8, n & 255].map(b => b.toString(16).padStart(2, '0')).join(':')}`;
const element = (n: number, more = ''): string =>
  `<host><hostname>edge-${n}</hostname><personality>worker</personality><mgmt_mac>${mac(n)}</mgmt_mac>${more}</host>\n`;
const documentOf = (hosts: readonly string[]): string => `<?xml version="1.0"?>\n<hosts>\n${hosts.join('')}</hosts>`;
const outcomes = (payload: { hosts: { outcome: string }[] }) => payload.hosts.map(host => host.outcome);
const stored = async () => (await house.rows('select count(*)::int as n from inventory.host'))[0].n;

describe('a document', () => {
  test('has new hosts switched on by their BMCs, and says of the others why not', async () => {
    const bmc =
      '<bm_type>redfish</bm_type><bm_ip>10.9.0.1</bm_ip><bm_username>root</bm_username><bm_password>s</bm_password>';
    const document = documentOf([
      element(1, `${bmc}<power_on/>`),
      element(2, '<power_on/>'),
      element(3, bmc.replace('0.1<', '0.3<')),
    ]);
    const trial = await importXml(document, { dryRun: true });
    expect(trial.hosts.flatMap((host: { problems: object[] }) => host.problems)).toEqual([]);
    const first = await importXml(document);
    expect(outcomes(first)).toEqual(['CREATED', 'CREATED', 'CREATED']);
    const words = first.hosts.map(({ problems }: { problems: { message: string }[] }) => problems[0]?.message);
    expect(words).toEqual([undefined, expect.stringMatching(/^<power_on> is not carried out: .*BMC|board/), undefined]);
    const jobs =
      'select h.hostname, j.action, j.state from inventory.host_job j join inventory.host h on h.id = j.host_id';
    expect(await house.rows(jobs)).toEqual([{ hostname: 'edge-1', action: 'POWER_ON', state: 'RUNNING' }]);
    const again = await importXml(document);
    expect(again.hosts[0].problems[0].message).toBe(
      '<power_on> is not carried out: the host is no new one; use powerOnHost.',
    );
    expect(await house.rows(jobs)).toHaveLength(1);
  });

  test('declares its hosts, and again changes nothing, and its export neither', async () => {
    const document = documentOf([element(1, '<location>rack 7 &amp; 8</location>'), element(2)]);
    const first = await importXml(document);
    expect(first.userErrors).toEqual([]);
    expect(first.hosts).toEqual([
      { hostname: 'edge-1', managementMac: mac(1), outcome: 'CREATED', problems: [] },
      { hostname: 'edge-2', managementMac: mac(2), outcome: 'CREATED', problems: [] },
    ]);
    expect(outcomes(await importXml(document))).toEqual(['UNCHANGED', 'UNCHANGED']);
    const exported = await exportXml();
    expect(exported).toMatchObject({ hosts: 2, userErrors: [] });
    expect(exported.document).toContain('<location>rack 7 &amp; 8</location>');
    expect(outcomes(await importXml(exported.document))).toEqual(['UNCHANGED', 'UNCHANGED']);
    const { hosts } = await door.region('inventory', 'hosts { nodes { hostname availability administrative } }');
    expect(hosts.nodes).toEqual([
      { hostname: 'edge-1', availability: 'OFFLINE', administrative: 'LOCKED' },
      { hostname: 'edge-2', availability: 'OFFLINE', administrative: 'LOCKED' },
    ]);
  });

  test('with one bad host among 500 is refused with every fault listed, and nothing is written', async () => {
    const hosts = Array.from({ length: 500 }, (_, n) => element(n));
    hosts[249] =
      '<host><hostname>edge 249</hostname>\n<personality>router</personality><mgmt_mac>no</mgmt_mac></host>\n';
    const payload = await importXml(documentOf(hosts));
    expect(payload.userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringContaining('1 of 500'), path: ['input', 'document'] },
    ]);
    expect(payload.hosts[249]).toMatchObject({
      outcome: 'REJECTED',
      problems: [{ line: 253 }, { line: 252 }, { line: 253 }],
    });
    expect(payload.hosts[0]).toMatchObject({ outcome: 'WOULD_CREATE', problems: [] });
    expect(await stored()).toBe(0);
  });

  test('in a dry run says what it would do and writes nothing', async () => {
    await importXml(documentOf([element(1)]));
    const trial = await importXml(documentOf([element(1, '<console>tty0</console>'), element(2)]), { dryRun: true });
    expect(outcomes(trial)).toEqual(['WOULD_UPDATE', 'WOULD_CREATE']);
    expect(await stored()).toBe(1);
  });

  test('of 5,000 hosts goes in at once, and each is told to followers', async () => {
    const payload = await importXml(documentOf(Array.from({ length: 5_000 }, (_, n) => element(n))));
    expect(new Set(outcomes(payload))).toEqual(new Set(['CREATED']));
    expect(await stored()).toBe(5_000);
    const [{ n }] = await house.rows(
      `select count(*)::int as n from inventory.outbox where "row" ->> 'managementMac' like '02:00:00:01:%' and sequence >
       (select max(sequence) - 5000 from inventory.outbox)`,
    );
    expect(n).toBe(5_000);
  });

  test('with an idempotencyKey answers a repeat as the first time', async () => {
    const document = documentOf([element(1)]);
    const first = await importXml(document, { idempotencyKey: 'rack-7' });
    expect(await importXml(document, { idempotencyKey: 'rack-7' })).toEqual(first);
    const { userErrors } = await importXml(documentOf([element(2)]), { idempotencyKey: 'rack-7' });
    expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(await stored()).toBe(1);
  });

  test.each([
    ['a DOCTYPE', '<!DOCTYPE hosts SYSTEM "file:///etc/passwd"><hosts><host/></hosts>', 'Line 1: A DOCTYPE'],
    ['broken XML', '<hosts>\n<host>\n</hosts>', 'Line 3: The document is not well-formed'],
  ])('with %s is refused, with the line', async (_, document, message) => {
    const payload = await importXml(document);
    expect(payload).toMatchObject({ hosts: [], userErrors: [{ message: expect.stringContaining(message) }] });
    expect(await stored()).toBe(0);
  });

  test('brings passwords that are kept sealed and told to nobody', async () => {
    const bmc = '<bm_ip>10.9.0.1</bm_ip><bm_username>root</bm_username><bm_password>s3cret</bm_password>';
    expect(outcomes(await importXml(documentOf([element(1, bmc)])))).toEqual(['CREATED']);
    expect(outcomes(await importXml(documentOf([element(1, bmc)])))).toEqual(['UNCHANGED']);
    expect(outcomes(await importXml(documentOf([element(1, bmc.replace('s3cret', 'other'))])))).toEqual(['UPDATED']);
    const everything = JSON.stringify([
      await house.rows('select * from inventory.host'),
      await house.rows('select * from inventory.bmc_password'),
      await house.rows('select * from inventory.outbox'),
      await exportXml(),
    ]);
    expect(everything).not.toMatch(/s3cret|other/);
    const key = path.join(data, 'keys', 'lagos-1.key');
    expect((await stat(key)).mode & 0o077).toBe(0);
    expect(Buffer.from(await readFile(key, 'utf8'), 'base64')).toHaveLength(32);
    await importXml(documentOf([element(1, '<bm_type>none</bm_type>')]));
    expect(await house.rows('select * from inventory.bmc_password')).toEqual([]);
  });
});

describe('a host that is added', () => {
  const input = { managementMac: mac(7).toUpperCase(), hostname: 'edge-7', personality: 'WORKER' };

  test('waits locked for its agent, with what was said and the defaults for the rest', async () => {
    const { host, userErrors } = await add({
      ...input,
      bmc: { ip: '10.9.0.7', username: 'root' },
      bmcPassword: 's3cret',
      install: { hwSettle: 30 },
    });
    expect(userErrors).toEqual([]);
    expect(host).toMatchObject({
      hostname: 'edge-7',
      administrative: 'LOCKED',
      availability: 'OFFLINE',
      provisioning: 'UNPROVISIONED',
      uptimeSeconds: null,
      lastHeartbeatAt: null,
      cpu: null,
      ports: null,
      install: { console: 'ttyS0,115200', hwSettle: 30 },
      bmc: { type: 'DYNAMIC', ip: '10.9.0.7', username: 'root' },
    });
  });

  test('is recognised by its MAC address when its agent reports, and keeps the name and role it was given', async () => {
    const { host } = await add({ ...input, location: 'rack 7' });
    const { host: reported } = await door.report({
      ...aHost({ identity: 'machine-7', managementMac: mac(7), hostname: 'localhost', personality: 'STORAGE' }),
    });
    expect(reported).toMatchObject({
      id: host.id,
      hostname: 'edge-7',
      personality: 'WORKER',
      administrative: 'LOCKED',
      operational: 'DISABLED',
      availability: 'ONLINE',
    });
    expect(await stored()).toBe(1);
  });

  test('twice is refused and changes nothing', async () => {
    await add(input);
    expect(await add({ ...input, hostname: 'other' })).toMatchObject({
      host: null,
      userErrors: [
        {
          code: 'ALREADY_EXISTS',
          message: expect.stringMatching(/edge-7.*updateHost/),
          path: ['input', 'managementMac'],
        },
      ],
    });
  });

  test('again, while it runs, is refused as the known host that it is', async () => {
    await door.report({ ...aHost({ managementMac: mac(7), hostname: 'running-7' }) });
    const { userErrors } = await add(input);
    expect(userErrors).toMatchObject([{ code: 'ALREADY_EXISTS', message: expect.stringContaining('running-7') }]);
  });

  test.each([
    ['a MAC that is none', { managementMac: 'x' }, ['input', 'managementMac']],
    ['a BMC user with a space', { bmc: { ip: '10.0.0.1', username: 'a b' } }, ['input', 'bmc', 'username']],
    [
      'an install device that goes back',
      { install: { bootDevice: '/dev/a/../x' } },
      ['input', 'install', 'bootDevice'],
    ],
  ])('with %s is refused by name', async (_, wrong, at) => {
    expect(await add({ ...input, ...wrong })).toMatchObject({ host: null, userErrors: [{ path: at }] });
    expect(await stored()).toBe(0);
  });
});
