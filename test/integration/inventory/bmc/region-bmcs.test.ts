// A real region and the BMCs of its hosts over HTTP: what it shows of them, what it alarms, and what it survives.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { openRedfishSimulator, type RedfishSimulator } from '../../../../agent/simulated/redfish/redfish-simulator.ts';
import { type SimulatedPower, simulatedPower } from '../../../../agent/simulated/simulated-power.ts';
import { aHost } from '../../../support/builders.ts';
import { leftovers } from '../../../support/leftovers.ts';
import { eventually } from '../../../support/wait.ts';
import { ask, post } from '../../edge/ask.ts';
import { aHouse, type House, hands } from '../../edge/region-house.ts';
import { aBoard, PASSWORD } from './bmc-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
let simulator: RedfishSimulator;
let power: SimulatedPower;
const lines: string[] = [];

beforeAll(async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'bmcs-'));
  left.add(() => rm(data, { recursive: true }));
  simulator = await openRedfishSimulator({ host: '127.0.0.1', port: 0, transitionMs: 20, now: Date.now });
  left.add(() => simulator.close());
  power = simulatedPower();
  const log = pino({ level: 'trace' }, { write: line => void lines.push(line) });
  const bmc = { auditMs: 200, requestDeadlineMs: 1_000, atOnce: 4, ipmitool: path.join(data, 'no-ipmitool') };
  house = await aHouse(
    ['lagos-1'],
    { data, inventory: { heartbeat: { degradeAfterMissed: 1_000, failAfterMissed: 1_000 }, bmc } },
    log,
  );
  left.add(() => house.stop());
  door = hands(house);
});

let made = 0;
/** A host that is accepted, and its BMC. */
async function aServer(plan: Parameters<typeof aBoard>[0] = {}) {
  const hostname = `server-${++made}`;
  const board = aBoard({ name: `lagos-1/${hostname}`, hostname, ...plan });
  const service = simulator.add(board, power);
  const simulatedBmc = {
    url: `${simulator.origin}/${board.name}`,
    ip: `10.0.0.${made}`,
    username: board.username,
    password: PASSWORD,
  };
  const report = aHost({ hostname, simulatedBmc });
  const { id } = await door.report({ ...report }).then(answer => answer.host);
  return { ...service, id, hostname, report: (more: object) => door.report({ ...report, ...more }) };
}

const HOST = `bmc { type ip username protocol powerState reachable checkedAt lastError
    log(first: 100) { totalCount nodes { at severity message } } }
  sensors { name kind unit reading health readAt thresholds { upperMinor upperMajor upperCritical } }`;
// biome-ignore lint/suspicious/noExplicitAny: a host with HOST
const look = async (id: string): Promise<any> =>
  (await ask(house.url('inventory'), `query ($id: ID!) { host(id: $id) { ${HOST} } }`, { id })).host;

/** The open alarms of the host, `200.007 MAJOR host=server-1.sensor=Fan1`. */
async function alarms(hostname: string): Promise<string[]> {
  const rows = await house.rows(
    `select alarm_id || ' ' || severity || ' ' || entity_instance_id as line from faults.alarm
     where hostname = $1 and cleared_at is null order by 1`,
    [hostname],
  );
  return rows.map((row: { line: string }) => row.line);
}

describe.concurrent('a region', () => {
  test('shows the power, the sensors and the protocol of a BMC, without its password', async () => {
    const { id } = await aServer();
    const host = await eventually('its BMC', async () => {
      const seen = await look(id);
      return seen.bmc.reachable && seen;
    });
    expect(host.bmc).toMatchObject({
      type: 'REDFISH',
      ip: expect.stringMatching(/^10\.0\.0\./),
      username: 'operator',
      protocol: 'REDFISH',
      powerState: 'ON',
      lastError: null,
    });
    expect(host.sensors).toHaveLength(18);
    expect(host.sensors.find((s: { name: string }) => s.name === 'CPU1 Temp')).toMatchObject({
      kind: 'TEMPERATURE',
      unit: 'Cel',
      health: 'OK',
      reading: expect.any(Number),
      readAt: expect.stringMatching(/Z$/),
      thresholds: { upperMinor: 85, upperMajor: 93, upperCritical: 100 },
    });
  });

  test('alarms a sensor beyond its threshold, follows it from severity to severity, and clears it', async () => {
    const { board, hostname } = await aServer();
    const fan = `host=${hostname}.sensor=Fan1`;
    board.setReading('Fan1', 1_900);
    await eventually('minor', async () => (await alarms(hostname)).includes(`200.007 MINOR ${fan}`));
    board.setReading('Fan1', 400);
    await eventually('critical', async () => (await alarms(hostname)).includes(`200.007 CRITICAL ${fan}`));
    board.setReading('Fan1', null);
    await eventually('cleared', async () => (await alarms(hostname)).length === 0);
    const raised = await house.rows(
      `select t.kind from faults.alarm_transition t where t.entity_instance_id = $1 order by t.sequence`,
      [fan],
    );
    expect(raised.map((t: { kind: string }) => t.kind)).toEqual(['RAISED', 'CHANGED', 'CLEARED']);
  });

  test('takes fans that stand still in a host that is off for no fault', async () => {
    const { id, hostname, board } = await aServer({ modern: false });
    power.set(hostname, false);
    await eventually('off', async () => (await look(id)).bmc.powerState === 'OFF');
    expect(board.sensors().find(s => s.name === 'Fan1')?.reading).toBeNull();
    expect(await alarms(hostname)).toEqual([]);
    const host = await look(id);
    expect(host.sensors.find((s: { name: string }) => s.name === 'Fan1')).toMatchObject({
      reading: null,
      health: null,
    });
  });

  test('alarms a BMC that is lost, keeps what it measured last, and takes over what its log says meanwhile', async () => {
    const server = await aServer();
    const { id, hostname, board } = server;
    await eventually('its events', () => server.events.ids.length === 1);
    board.write('Warning', 'before');
    await eventually('the first entry', async () => (await look(id)).bmc.log.totalCount === 1);
    board.faults.unreachable = true;
    server.events.remove(server.events.ids[0]!);
    board.setReading('Fan1', 400); // nobody can see it
    board.write('Critical', 'meanwhile');
    await eventually('lost', async () => (await alarms(hostname)).join() === `200.010 WARNING host=${hostname}`);
    const lost = await look(id);
    expect(lost.bmc).toMatchObject({ reachable: false, powerState: 'ON', lastError: expect.stringContaining('BMC') });
    expect(lost.sensors).toHaveLength(18);
    board.setReading('Fan1', null);
    board.faults.unreachable = false;
    await eventually('back', async () => (await alarms(hostname)).length === 0);
    await eventually('subscribed again', () => server.events.ids.length === 1);
    await eventually('the log', async () => (await look(id)).bmc.log.nodes.length === board.log.length);
    const { log } = (await look(id)).bmc;
    expect(log.nodes.map((e: { message: string }) => e.message)).toEqual([...board.log].reverse().map(e => e.message));
    board.clearLog();
    await eventually(
      'the cleared log',
      async () => (await look(id)).bmc.log.nodes[0].message === 'The log was cleared.',
    );
    expect((await look(id)).bmc.log.totalCount).toBe(log.totalCount + 1);
  });

  test('goes on when its session ends in the middle of use', async () => {
    const { id, sessions, hostname } = await aServer();
    await eventually('its BMC', async () => (await look(id)).bmc.reachable);
    for (let i = 0; i < 3; i++) {
      sessions.endAll();
      const { checkedAt } = (await look(id)).bmc;
      await eventually('the next look', async () => (await look(id)).bmc.checkedAt > checkedAt);
      expect((await look(id)).bmc).toMatchObject({ reachable: true, lastError: null });
    }
    expect(sessions.size).toBe(1);
    expect(await alarms(hostname)).toEqual([]);
  });

  test('alarms sensors that cannot be read any more, and a BMC that never had any', async () => {
    const had = await aServer();
    await eventually('its sensors', async () => (await look(had.id)).sensors?.length > 0);
    had.board.faults.missing = ['Sensors'];
    await eventually(
      '200.015',
      async () => (await alarms(had.hostname)).join() === `200.015 MAJOR host=${had.hostname}`,
    );
    expect((await look(had.id)).sensors).toHaveLength(18);
    had.board.faults.missing = [];
    await eventually('readable', async () => (await alarms(had.hostname)).length === 0);
    const never = simulator.add(aBoard({ name: 'lagos-1/bare', hostname: 'bare' }), power);
    never.board.faults.missing = ['Sensors'];
    await door.host({
      hostname: 'bare',
      simulatedBmc: {
        url: `${simulator.origin}/lagos-1/bare`,
        ip: '10.0.9.9',
        username: 'operator',
        password: PASSWORD,
      },
    });
    await eventually('200.014', async () => (await alarms('bare')).join() === '200.014 MINOR host=bare');
  });

  test('does not try a wrong password again and again, and takes a new one at once', async () => {
    const server = await aServer();
    await eventually('its BMC', async () => (await look(server.id)).bmc.reachable);
    const simulatedBmc = {
      url: `${simulator.origin}/lagos-1/${server.hostname}`,
      ip: '10.1.1.1',
      username: 'operator',
    };
    await server.report({ simulatedBmc: { ...simulatedBmc, password: 'wrong-password-1' } });
    await eventually('lost', async () => (await alarms(server.hostname)).join().startsWith('200.010'));
    expect((await look(server.id)).bmc.lastError).toMatch(/does not take user operator/);
    const tries = () => server.requests.filter(r => r === 'POST SessionService/Sessions').length;
    const before = tries();
    const other = await aServer(); // by then the next looks would have come
    await eventually('another', () => other.requests.filter(r => r === 'GET Chassis/1/Sensors').length > 5);
    expect(tries()).toBe(before);
    await server.report({ simulatedBmc: { ...simulatedBmc, password: PASSWORD } });
    await eventually('back', async () => (await alarms(server.hostname)).length === 0);
  });

  test('says of a declared BMC that answers to nothing what is missing, and forgets it when it is taken away', async () => {
    const added = await ask(
      house.url('inventory'),
      `mutation ($input: AddHostInput!) { addHost(input: $input) { host { id } userErrors { message } } }`,
      {
        input: {
          region: 'lagos-1',
          managementMac: '02:00:00:bb:00:01',
          hostname: 'declared',
          personality: 'WORKER',
          bmc: { type: 'DYNAMIC', ip: '127.0.0.9', username: 'operator' },
          bmcPassword: PASSWORD,
        },
      },
    );
    const { id } = added.addHost.host;
    await eventually('lost', async () => (await alarms('declared')).join() === '200.010 WARNING host=declared');
    expect((await look(id)).bmc).toMatchObject({
      protocol: null,
      reachable: false,
      lastError: expect.stringMatching(/Neither Redfish nor IPMI answers.*install ipmitool/),
    });
    await house.rows(`update inventory.host set bmc = null where hostname = 'declared'`);
    await eventually('cleared', async () => (await alarms('declared')).length === 0);
    expect(await look(id)).toMatchObject({ bmc: null, sensors: null });
  });
});

describe('the door for events', () => {
  test('takes them from whom it gave the key only', async () => {
    const server = await aServer();
    await eventually('its events', () => server.events.ids.length === 1);
    const { destination } = server.events.find(server.events.ids[0]!)!;
    const send = async (url: string, init: RequestInit = { method: 'POST', body: '{}' }) =>
      (await fetch(url, init)).status;
    expect(await send(destination)).toBe(204);
    expect(await send(destination.replace(/key=.{4}/, 'key=AAAA'))).toBe(403);
    expect(await send(destination.replace(/bmc=[^&]+/, 'bmc=00000000-0000-4000-8000-000000000000'))).toBe(403);
    expect(await send(destination.replace(/bmc=[^&]+/, "bmc='"))).toBe(403);
    expect(await send(destination.split('?')[0]!)).toBe(403);
    expect(await send(destination, { method: 'GET' })).toBe(405);
    expect(await send(destination, { method: 'POST', body: 'x'.repeat(300_000) })).toBe(413);
  });
});

describe('a report', () => {
  const refused = async (report: object) =>
    (
      await post(
        house.url('inventory'),
        'mutation ($input: ReportHostInput!) { reportHost(input: $input) { host { id } userErrors { message path } } }',
        { input: { ...aHost(), ...report } },
      )
    ).data.reportHost;
  const simulatedBmc = { url: 'http://127.0.0.1:1/x', ip: '10.0.0.1', username: 'operator', password: 'p' };

  test.each([
    ['of a real host', { simulated: false, simulatedBmc }, /Only a simulated host/],
    ['of a BMC elsewhere', { simulatedBmc: { ...simulatedBmc, url: 'http://169.254.169.254/x' } }, /of this machine/],
    ['of a BMC at no URL', { simulatedBmc: { ...simulatedBmc, url: 'file:///etc/passwd' } }, /of this machine/],
  ])('%s with a simulated BMC is refused', async (_, report, words) => {
    const { host, userErrors } = await refused(report);
    expect(host).toBeNull();
    expect(userErrors[0].message).toMatch(words);
  });
});

// last: it looks at what all of the above left behind
test('no secret is in a log line, an answer or a table', async () => {
  const tokens = (await house.rows('select hostname from inventory.host'))
    .flatMap(({ hostname }: { hostname: string }) => simulator.find(`lagos-1/${hostname}`) ?? [])
    .flatMap(service => service.events.ids.map(id => service.events.find(id)!.destination.split('key=')[1]!));
  expect(tokens.length).toBeGreaterThan(3);
  const dump = JSON.stringify(
    await Promise.all(
      ['bmc_status', 'simulated_bmc', 'bmc_password'].map(t => house.rows(`select * from inventory.${t}`)),
    ),
  );
  expect(lines.length).toBeGreaterThan(0);
  for (const secret of [PASSWORD, 'wrong-password-1', ...tokens])
    expect([lines.join('').includes(secret), dump.includes(secret)]).toEqual([false, false]);
});
