// The lifecycle's way to switch power, over a region's database and a BMC over HTTP; and that what a BMC sees is reported.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BmcRoom, openBmcRoom } from '../../../../subgraphs/edge/inventory/bmc/bmc-room.ts';
import { setConditions } from '../../../../subgraphs/edge/inventory/conditions/set-conditions.ts';
import type { HostRow } from '../../../../subgraphs/edge/inventory/hosts/host.ts';
import { aHost } from '../../../support/builders.ts';
import { leftovers } from '../../../support/leftovers.ts';
import { quiet, testConfig } from '../../../support/settings.ts';
import { eventually } from '../../../support/wait.ts';
import { aHostRoom } from '../host-room.ts';
import { aBmc, type BmcHouse, PASSWORD, soon } from './bmc-house.ts';

const left = leftovers();
let bmc: BmcHouse;
let room: BmcRoom;
let host: HostRow;
let bare: HostRow;
const seen: string[] = [];

beforeAll(async () => {
  bmc = await aBmc();
  left.add(() => bmc.close());
  const hosts = await aHostRoom();
  left.add(() => hosts.close());
  const { dataSource, outbox, secrets } = hosts;
  const simulatedBmc = { url: bmc.access.url!, ip: '10.0.0.1', username: 'operator', password: PASSWORD };
  host = (await hosts.hosts.report(aHost({ simulatedBmc }))).host!;
  bare = (await hosts.hosts.report(aHost())).host!;
  room = openBmcRoom({
    region: 'lagos-1',
    config: testConfig({ inventory: { bmc: { auditMs: 200, requestDeadlineMs: 500 } } }),
    dataSource,
    outbox,
    secrets,
    setConditions,
    powerSeen: async (_tx, id, power) => void seen.push(`${id === host.id ? 'host' : id} ${power}`),
    log: quiet,
    now: () => new Date(),
  });
});
afterAll(() => room.close());

test('switches a host off and on, resets it and boots it from the network; what the BMC sees is reported', async () => {
  const { power } = room;
  expect(power.available(host)).toBeNull();
  expect(await power.state(host, soon())).toBe('ON');
  await power.off(host, soon());
  await eventually('off', async () => (await power.state(host, soon())) === 'OFF');
  await eventually('off was seen', () => seen.at(-1) === 'host OFF');
  await power.bootOnce(host, 'PXE', soon());
  expect(bmc.board.boot).toMatchObject({ enabled: 'Once', target: 'Pxe' });
  await power.on(host, soon());
  await eventually('on was seen', () => seen.at(-1) === 'host ON');
  expect(bmc.board.boot.enabled).toBe('Disabled'); // it was used
  await power.reset(host, soon());
  await eventually(
    'it went off and on',
    () => bmc.board.log.filter(e => e.message.endsWith('powered on.')).length === 2,
  );
});

test('a host without a BMC is refused with what to do', async () => {
  expect(room.power.available(bare)).toMatch(/no board management controller/);
  await expect(room.power.on(bare, soon())).rejects.toMatchObject({ name: 'PowerError', code: 'REFUSED' });
});

test('a BMC that is away may be tried again, one that cannot do it may not', async () => {
  bmc.board.faults.unreachable = true;
  await expect(room.power.off(host, soon())).rejects.toMatchObject({ name: 'PowerError', code: 'RETRY' });
  bmc.board.faults.unreachable = false;
  bmc.board.faults.resetTypes = ['On'];
  await expect(room.power.off(host, soon())).rejects.toMatchObject({ name: 'PowerError', code: 'REFUSED' });
  bmc.board.faults.resetTypes = null;
});

test('power that is stuck stays as it is: the order is taken, and the state tells', async () => {
  bmc.board.faults.stuckPower = true;
  await room.power.off(host, soon());
  expect(await room.power.state(host, soon())).toBe('ON');
  bmc.board.faults.stuckPower = false;
});
