// A region's Redfish client against a service over real HTTP: what it reads and switches, and what it makes of faults.
import { afterEach, describe, expect, test } from 'vitest';
import { noFaults } from '../../../../agent/simulated/redfish/board-faults.ts';
import type { BoardController } from '../../../../subgraphs/edge/inventory/bmc/board-controller.ts';
import { eventually } from '../../../support/wait.ts';
import { aBmc, type BmcHouse, PASSWORD, soon } from './bmc-house.ts';

let bmc: BmcHouse;
let controller: BoardController;
const start = async (...options: Parameters<typeof aBmc>): Promise<void> => {
  bmc = await aBmc(...options);
  controller = bmc.open();
};
afterEach(async () => {
  await bmc.close();
});

const flaw = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => expect.fail('it should have failed'),
    error => error,
  );
const requests = (text: string): number => bmc.requests.filter(request => request === text).length;

describe('power', () => {
  test('is read, switched off and on, and reset; what is so already is left alone', async () => {
    await start();
    expect(await controller.power(soon())).toBe('ON');
    await controller.act('ON', soon());
    expect(requests('POST Systems/1/Actions/ComputerSystem.Reset')).toBe(0);
    await controller.act('FORCE_OFF', soon());
    await eventually('off', async () => (await controller.power(soon())) === 'OFF');
    expect(bmc.power.isOn('compute-0')).toBe(false);
    await controller.act('RESET', soon()); // nothing to reset: it is switched on
    await eventually('on', async () => (await controller.power(soon())) === 'ON');
    const changes: boolean[] = [];
    bmc.power.onChange((_, on) => changes.push(on));
    await controller.act('RESET', soon());
    await eventually('off and on', () => changes.length === 2);
    expect(changes).toEqual([false, true]);
  });

  test('goes off although the order is repeated until it is', async () => {
    await start({}, { transitionMs: 300 });
    await eventually('off', async () => {
      await controller.act('FORCE_OFF', soon());
      return (await controller.power(soon())) === 'OFF';
    });
    expect(bmc.board.log.map(entry => entry.message)).toEqual(['The system was powered off.']);
  });

  test('takes the reset type that the BMC offers', async () => {
    await start();
    bmc.board.faults.resetTypes = ['PushPowerButton', 'PowerCycle'];
    await controller.act('GRACEFUL_OFF', soon());
    await eventually('off', () => !bmc.power.isOn('compute-0'));
    await controller.act('ON', soon());
    await eventually('on', async () => (await controller.power(soon())) === 'ON');
    expect(await flaw(controller.act('FORCE_OFF', soon()))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  test.each([
    ['no action', ['Actions'], 'UNSUPPORTED', /privilege/],
    ['no power state', ['PowerState'], 'UNSUPPORTED', /whether/],
    ['no systems', ['Systems'], 'UNSUPPORTED', /no computer system/],
  ])('with %s is refused in words', async (_, missing, code, words) => {
    await start();
    bmc.board.faults.missing = missing;
    const error = await flaw(controller.act('FORCE_OFF', soon()));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(words);
  });

  test('asks for the usual type where the BMC does not say what it offers', async () => {
    await start();
    bmc.board.faults.missing = ['ResetType@Redfish.AllowableValues'];
    await controller.act('FORCE_OFF', soon());
    await eventually('off', () => !bmc.power.isOn('compute-0'));
  });

  test.each([['as they are'], ['in their strong form only']])(
    'boots from the network once, with ETags taken %s',
    async how => {
      await start();
      bmc.board.faults.fussyEtags = how.includes('strong');
      await controller.bootOnce('PXE', soon());
      expect(bmc.board.boot).toEqual({ enabled: 'Once', target: 'Pxe', mode: 'UEFI' });
    },
  );
});

describe('sensors', () => {
  test('are the same by the Sensors collection, expanded or not, and by Thermal and Power', async () => {
    await start();
    const modern = await controller.sensors(soon());
    expect(requests('GET Chassis/1/Sensors/Fan1')).toBe(0); // came whole
    bmc.board.faults.missing = ['ProtocolFeaturesSupported'];
    const single = await bmc.open().sensors(soon());
    expect(requests('GET Chassis/1/Sensors/Fan1')).toBe(1);
    expect(single.map(s => s.name)).toEqual(modern.map(s => s.name));
    await bmc.close();
    await start({ modern: false });
    const older = await controller.sensors(soon());
    const fan = modern.find(s => s.name === 'Fan1');
    expect(fan).toMatchObject({
      kind: 'FAN',
      unit: 'RPM',
      said: 'OK',
      thresholds: { lowerMinor: 2_000, lowerMajor: 1_200, lowerCritical: 500, upperMajor: null },
    });
    expect(
      older
        .map(s => s.name)
        .filter(name => name !== 'System Power')
        .sort(),
    ).toEqual(modern.map(s => s.name).sort());
    expect(older.find(s => s.name === 'Fan1')).toMatchObject({ kind: 'FAN', unit: 'RPM', thresholds: fan!.thresholds });
  });

  test('fall back to none where the BMC has neither', async () => {
    await start();
    bmc.board.faults.missing = ['Sensors'];
    expect(await controller.sensors(soon())).toEqual([]);
  });
});

describe('the log', () => {
  test('is read page by page, without what is known, and tells how much it holds', async () => {
    await start();
    for (let i = 0; i < 120; i++) bmc.board.write('Warning', `entry ${i}`);
    const all = await controller.log(() => false, soon());
    expect(all).toMatchObject({ total: 120 });
    expect(all!.entries).toHaveLength(120);
    const rest = await controller.log(id => Number(id) <= 118, soon());
    expect(rest!.entries.map(e => e.message).sort()).toEqual(['entry 118', 'entry 119']);
    expect(rest!.entries[0]).toMatchObject({ severity: 'WARNING', at: expect.stringMatching(/Z$/) });
  });
});

describe('a session', () => {
  test('is one for all that is asked, and ends with the controller', async () => {
    await start();
    await Promise.all([controller.power(soon()), controller.sensors(soon()), controller.log(() => false, soon())]);
    expect(requests('POST SessionService/Sessions')).toBe(1);
    expect(bmc.sessions.size).toBe(1);
    await controller.close();
    expect(bmc.sessions.size).toBe(0);
    expect(bmc.remembered.map(session => session === null)).toEqual([false, true]);
  });

  test('that the BMC forgot is begun again in the middle of what was asked, a change too', async () => {
    await start();
    await controller.power(soon());
    bmc.sessions.endAll();
    expect(await Promise.all([controller.power(soon()), controller.sensors(soon())])).toMatchObject([
      'ON',
      expect.any(Array),
    ]);
    expect(requests('POST SessionService/Sessions')).toBe(2);
    bmc.sessions.endAll();
    const system = controller.act('FORCE_OFF', soon());
    await system;
    await eventually('off', () => !bmc.power.isOn('compute-0'));
  });

  test('of the process before is gone on with', async () => {
    await start();
    await controller.power(soon());
    const session = bmc.remembered[0]!;
    expect(await bmc.open({ session }).power(soon())).toBe('ON');
    expect(bmc.sessions.size).toBe(1);
  });

  test('with a wrong password is UNAUTHORIZED at once', async () => {
    await start();
    const error = await flaw(bmc.open({ password: 'wrong-password' }).power(soon()));
    expect(error.code).toBe('UNAUTHORIZED');
    expect(requests('POST SessionService/Sessions')).toBe(1); // a second try could lock the account
  });

  test('where all are taken says so', async () => {
    await start();
    for (let i = 0; i < 8; i++) bmc.sessions.open('operator', PASSWORD);
    expect(await flaw(controller.power(soon()))).toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining('session'),
    });
  });

  test('is not needed where the service names none', async () => {
    await start();
    bmc.board.faults.missing = ['Links'];
    expect(await controller.power(soon())).toBe('ON');
    expect(bmc.sessions.size).toBe(0);
  });
});

describe('a BMC that', () => {
  test('says 503 is asked again; an order too, which was not carried out', async () => {
    await start();
    await controller.power(soon());
    Object.assign(bmc.board.faults, { unavailable: 2, retryAfter: '0' });
    expect(await controller.power(soon())).toBe('ON');
    Object.assign(bmc.board.faults, { unavailable: 1, retryAfter: null });
    await controller.act('FORCE_OFF', soon());
    await eventually('off', () => !bmc.power.isOn('compute-0'));
  });

  test('says 503 for ever is BUSY', async () => {
    await start();
    bmc.board.faults.unavailable = 1_000;
    expect(await flaw(controller.power(soon()))).toMatchObject({ code: 'BUSY' });
    expect(bmc.requests).toHaveLength(4);
  });

  test('is slow is SILENT after its deadline', async () => {
    await start();
    bmc.board.faults.delayMs = 5_000;
    const slow = bmc.open({ settings: { requestDeadlineMs: 150 } });
    expect(await flaw(slow.power(soon()))).toMatchObject({
      code: 'SILENT',
      message: expect.stringContaining('150 ms'),
    });
  });

  test.each([
    ['answers HTML', { garbage: true }, 'GARBLED'],
    ['ends in the middle', { truncated: true }, 'UNREACHABLE'],
    ['cuts the line', { unreachable: true }, 'UNREACHABLE'],
    ['answers too much', { bloated: true }, 'GARBLED'],
  ])('%s is told apart, and answers again when it is well', async (_, fault, code) => {
    await start();
    Object.assign(bmc.board.faults, fault);
    expect(await flaw(controller.power(soon()))).toMatchObject({ code });
    Object.assign(bmc.board.faults, noFaults());
    expect(await controller.power(soon())).toBe('ON');
  });

  test('breaks off an order is not given it twice', async () => {
    await start();
    await controller.power(soon());
    const before = requests('POST Systems/1/Actions/ComputerSystem.Reset');
    bmc.board.reset = () => {
      bmc.board.faults.truncated = true;
      return false;
    };
    await flaw(controller.act('FORCE_OFF', soon()));
    expect(requests('POST Systems/1/Actions/ComputerSystem.Reset') - before).toBe(1);
  });

  test('repeats what was sent gets no secret into an error', async () => {
    await start();
    bmc.board.faults.echoes = true;
    bmc.board.faults.resetTypes = ['ForceOff'];
    const errors = [
      await flaw(bmc.open({ password: `${PASSWORD}-2` }).power(soon())),
      await flaw(controller.act('GRACEFUL_OFF', soon())),
    ];
    bmc.board.faults.missing = ['ResetType@Redfish.AllowableValues'];
    errors.push(await flaw(controller.act('CYCLE', soon())));
    for (const error of errors) {
      const told = `${error.message} ${JSON.stringify(error)} ${(error as unknown as Error).stack}`;
      expect(told).not.toContain(PASSWORD);
      expect(told).not.toContain(bmc.remembered.find(Boolean)?.token ?? 'none');
    }
  });
});

describe('events', () => {
  test.each([
    ['as now', false],
    ['as before formats', true],
  ])('are subscribed to, %s, and looked after', async (_, oldEvents) => {
    await start();
    bmc.board.faults.oldEvents = oldEvents;
    const target = { url: 'http://127.0.0.1:9/lagos-1/redfish-events', before: null };
    const subscription = await controller.subscribe(target, soon());
    expect(subscription).toMatch(/^\/lagos-1\/compute-0\/redfish\/v1\/EventService\/Subscriptions\/\d+$/);
    expect(await controller.isSubscribed(subscription!, soon())).toBe(true);
    bmc.events.remove(bmc.events.ids[0]!);
    expect(await controller.isSubscribed(subscription!, soon())).toBe(false);
    const again = await controller.subscribe({ ...target, before: subscription }, soon());
    expect(await controller.isSubscribed(again!, soon())).toBe(true);
    await controller.subscribe({ ...target, before: again }, soon());
    expect(bmc.events.ids).toHaveLength(1); // the one before is taken away
  });
});
