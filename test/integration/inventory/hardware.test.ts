// What a host is made of and how that changed, at a real region's door; machines that claim one address, cards that move,
// machines that come back.
import { beforeAll, describe, expect, test } from 'vitest';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aMachine } from '../../support/machines.ts';
import { ask, type Variables } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
let made = 0;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

/** A report of a machine whose cards no other has. */
function aReport(overrides: Variables = {}) {
  const n = (++made).toString(16).padStart(2, '0');
  const macs = [`02:aa:00:00:${n}:00`, `02:aa:00:00:${n}:01`, `02:aa:00:00:${n}:02`] as const;
  return { ...aHost({ identity: macs[0], managementMac: macs[0] }), ...aMachine(macs), ...overrides };
}

const CHANGES = `hardwareChanges(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  nodes { at path kind from to } }`;

const changesOf = async (id: string, variables: Variables = {}) =>
  (
    await ask(
      house.url('inventory'),
      `query ($id: ID!, $first: Int = 50, $after: Cursor) { host(id: $id) { ${CHANGES} } }`,
      { id, ...variables },
    )
  ).host.hardwareChanges;

describe('hardware', () => {
  test('is told as the agent found it', async () => {
    const { host } = await door.report(aReport());
    const query = `query ($id: ID!) { host(id: $id) {
      cpu { sockets logicalCpus { number socket core thread numaNode function } }
      ports { name duplex autoNegotiation numaNode vendorId deviceId sriov { totalVfs configuredVfs driver }
        lldpNeighbour { chassis port systemName } }
      interfaces { name type vlanId bondMode uses usedBy addresses }
      vlans: interfaces(type: VLAN) { name }
      disks { deviceNode holdsRoot partitions { deviceNode sizeMiB name mountPoint } }
      volumeGroups { name sizeMiB freeMiB physicalVolumes { name } logicalVolumes { name sizeMiB } }
    } }`;
    const found = (await ask(house.url('inventory'), query, { id: host.id })).host;
    expect(found.cpu.logicalCpus).toHaveLength(16);
    expect(found.cpu.logicalCpus[12]).toEqual({
      number: 12,
      socket: 1,
      core: 0,
      thread: 1,
      numaNode: 1,
      function: null,
    });
    expect(found.ports[1]).toMatchObject({ duplex: 'FULL', sriov: { totalVfs: 64, configuredVfs: 0, driver: null } });
    expect(found.ports[0]).toMatchObject({ sriov: null, lldpNeighbour: { systemName: 'leaf-1', port: 'Ethernet1' } });
    expect(found.interfaces[1]).toMatchObject({ name: 'bond0', type: 'AE', bondMode: 'LACP', usedBy: ['cluster0'] });
    expect(found.vlans).toEqual([{ name: 'cluster0' }]);
    expect(found.disks[0]).toMatchObject({ holdsRoot: true, partitions: [{ name: 'cgts-vg', sizeMiB: 102_400 }] });
    expect(found.volumeGroups[0].logicalVolumes).toEqual([{ name: 'docker-lv', sizeMiB: 30_720 }]);
  });

  test('of an agent of an older release is taken, and what it does not say is null', async () => {
    const { host, userErrors } = await door.report({ ...aHost() });
    expect(userErrors).toEqual([]);
    const query = `query ($id: ID!) { host(id: $id) { cpu { logicalCpus { number } } interfaces { name }
      volumeGroups { name } disks { partitions { name } } } }`;
    expect((await ask(house.url('inventory'), query, { id: host.id })).host).toEqual({
      cpu: { logicalCpus: null },
      interfaces: null,
      volumeGroups: null,
      disks: [{ partitions: null }],
    });
  });

  test.each([
    ['257 volume groups', { volumeGroups: Array(257).fill(aMachine().volumeGroups![0]) }, ['volumeGroups']],
    ['1,025 interfaces', { interfaces: Array(1_025).fill(aMachine().interfaces![0]) }, ['interfaces']],
    [
      'a name of 256 characters deep in it',
      { interfaces: [{ ...aMachine().interfaces![0], uses: ['eno1', 'x'.repeat(256)] }] },
      ['interfaces', '0', 'uses', '1'],
    ],
    [
      'a disk of 1,025 partitions',
      { disks: [{ ...aMachine().disks[0], partitions: Array(1_025).fill(aMachine().disks[0]!.partitions![0]) }] },
      ['disks', '0', 'partitions'],
    ],
  ])('with %s is refused', async (_, wrong, path) => {
    const { host, userErrors } = await door.report(aReport(wrong));
    expect(host).toBeNull();
    expect(userErrors).toMatchObject([{ path: ['input', ...path] }]);
  });
});

describe('the history of hardware', () => {
  test('has a row for each difference, newest first, and none for a first report or the same again', async () => {
    const report = aReport();
    const { host } = await door.report(report);
    await door.report({ ...report, uptimeSeconds: 99 });
    expect(await changesOf(host.id)).toMatchObject({ totalCount: 0, nodes: [] });
    await door.report({ ...report, devices: [] });
    await door.report({ ...report, devices: [], serialNumber: 'SN-new-board' });
    const { totalCount, nodes } = await changesOf(host.id);
    expect(totalCount).toBe(2);
    expect(nodes).toMatchObject([
      { path: 'serialNumber', kind: 'CHANGED', from: report.serialNumber, to: 'SN-new-board' },
      { path: 'devices[0000:3b:00.0]', kind: 'REMOVED', from: 'GPU NVIDIA A100', to: null },
    ]);
  });

  test('is read in pages', async () => {
    const report = aReport();
    const { host } = await door.report(report);
    for (const serialNumber of ['A', 'B', 'C']) await door.report({ ...report, serialNumber });
    const page = await changesOf(host.id, { first: 2 });
    expect(page.nodes.map((node: { to: string }) => node.to)).toEqual(['C', 'B']);
    expect(page.pageInfo.hasNextPage).toBe(true);
    const rest = await changesOf(host.id, { first: 2, after: page.pageInfo.endCursor });
    expect(rest.nodes.map((node: { to: string }) => node.to)).toEqual(['A']);
    expect(rest.pageInfo.hasNextPage).toBe(false);
  });

  test('keeps the newest 1,000 changes of a host, and none of more than 400 days', async () => {
    const report = aReport();
    const { host } = await door.report(report);
    await house.rows(
      `insert into inventory.hardware_change (host_id, at, path, kind)
       select $1, now() - case when n <= 10 then interval '401 days' else interval '1 day' end, n::text, 'CHANGED'
       from generate_series(1, 1200) as n`,
      [host.id.split('/')[1]],
    );
    await door.report({ ...report, serialNumber: 'last' });
    const { totalCount, nodes } = await changesOf(host.id, { first: 500 });
    expect(totalCount).toBe(1_000);
    expect(nodes[0]).toMatchObject({ path: 'serialNumber', to: 'last' });
    await house.rows(`update inventory.hardware_change set at = now() - interval '401 days' where host_id = $1`, [
      host.id.split('/')[1],
    ]);
    await door.report({ ...report, serialNumber: 'very last' });
    expect((await changesOf(host.id)).totalCount).toBe(1);
  });

  test('of a page of hosts costs two statements', async () => {
    const count = () =>
      door.region('inventory', 'hosts { nodes { hardwareChanges(first: 3) { totalCount nodes { path } } } }');
    const one = await statementsOf(/^hardwareChanges\./, count);
    for (let i = 0; i < 5; i++) await door.report(aReport());
    expect(await statementsOf(/^hardwareChanges\./, count)).toEqual(one);
    expect(one).toEqual(['hardwareChanges.count', 'hardwareChanges.page']);
  });
});

describe('machines are told apart', () => {
  test('a second machine under the management MAC of a host is refused, and that host stays as it is', async () => {
    const first = aReport();
    const { host } = await door.report(first);
    const second = aReport({ managementMac: (first.managementMac as string).toUpperCase() });
    const { host: none, userErrors } = await door.report(second);
    expect(none).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'DUPLICATE_MAC', path: ['input', 'managementMac'], message: expect.stringContaining(host.hostname) },
    ]);
    const [kept] = await house.rows('select identity, serial_number from inventory.host where id = $1', [
      host.id.split('/')[1],
    ]);
    expect(kept).toEqual({ identity: first.identity, serial_number: first.serialNumber });
  });

  test('a card that moves to another host is told in the history of both', async () => {
    const [from, to] = [aReport(), aReport()];
    const [a, b] = [(await door.report(from)).host, (await door.report(to)).host];
    const card = from.ports[2]!;
    const moved = { ...to, ports: [...to.ports, { ...card, pciAddress: '0000:aa:00.0', name: 'ens9' }] };
    await door.report(moved);
    await door.report(moved); // told once
    const told = { path: `ports[${card.mac}].host`, kind: 'CHANGED', from: a.hostname, to: b.hostname };
    expect((await changesOf(a.id)).nodes).toMatchObject([told]);
    expect((await changesOf(b.id)).nodes).toMatchObject([told, { path: 'ports[0000:aa:00.0]', kind: 'ADDED' }]);
    const spare = { ...from.ports[0]!, mac: '02:ab:00:00:00:77', pciAddress: '0000:cc:00.0', name: 'ens7' };
    await door.report({ ...from, ports: [...from.ports, spare] }); // still says that it has the card: no second move
    expect((await changesOf(a.id)).nodes).toMatchObject([{ path: 'ports[0000:cc:00.0]', kind: 'ADDED' }, told]);
    await door.report({ ...from, ports: from.ports.slice(0, 2) });
    expect((await changesOf(a.id)).nodes.slice(0, 2)).toMatchObject([{ kind: 'REMOVED' }, { kind: 'REMOVED' }]);
    await door.report(from); // and back again, while the other still has it
    expect((await changesOf(a.id)).nodes[0]).toMatchObject({ path: `ports[${card.mac}].host`, to: a.hostname });
  });

  test('a card that was taken out, and turns up in another host later, is told too', async () => {
    const [from, to] = [aReport(), aReport()];
    const [a, b] = [(await door.report(from)).host, (await door.report(to)).host];
    const card = from.ports[2]!;
    await door.report({ ...from, ports: from.ports.slice(0, 2) });
    await door.report({ ...to, ports: [...to.ports, { ...card, pciAddress: '0000:aa:00.0' }] });
    const told = { path: `ports[${card.mac}].host`, from: a.hostname, to: b.hostname };
    expect((await changesOf(a.id)).nodes).toMatchObject([told, { kind: 'REMOVED' }]);
    expect((await changesOf(b.id)).nodes).toMatchObject([told, { kind: 'ADDED' }]);
  });

  test('a machine that is managed by another of its ports since it started is the host that it was; one with other cards is not', async () => {
    const report = aReport();
    const { host } = await door.report(report);
    const other = report.ports[1]!.mac as string;
    const moved = { ...report, identity: other, managementMac: other };
    expect((await door.report({ ...moved, serialNumber: 'of another machine' })).host.id).not.toBe(host.id);
    await house.rows('delete from inventory.host where management_mac = $1', [other]);
    await house.rows('delete from inventory.removed_machine');
    expect((await door.report(moved)).host).toMatchObject({ id: host.id, managementMac: other });
    expect((await door.report(report)).host).toMatchObject({ id: host.id, managementMac: report.managementMac });
  });

  test('a machine that was deleted and reports again waits for a role, under no name', async () => {
    const report = aReport();
    const { host } = await door.report(report);
    await house.rows('delete from inventory.host where id = $1', [host.id.split('/')[1]]);
    for (let i = 0; i < 2; i++) {
      const { host: back } = await door.report(report);
      expect(back.id).not.toBe(host.id);
      expect(back).toMatchObject({
        hostname: null,
        personality: null,
        administrative: 'LOCKED',
        operational: 'DISABLED',
        availability: 'ONLINE',
      });
    }
  });
});
