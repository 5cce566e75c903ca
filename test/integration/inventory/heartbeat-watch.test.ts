// The watch over heartbeats under a clock that the test moves: when a host is degraded and failed, when nobody is, and
// what is tried to bring one back.
import { describe, expect, test } from 'vitest';
import { setConditions } from '../../../subgraphs/edge/inventory/conditions/set-conditions.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aWatchedRegion } from './watched-region.ts';

const NEAR = 250; // a look's distance

describe('a host that stops beating', () => {
  test('is degraded after two missed beats and failed after three, alarmed at each, and back with the next', async () => {
    const region = await aWatchedRegion();
    await region.add('a', 'b');
    await region.pass(3_000, 'a', 'b');
    await region.pass(2_000 + NEAR, 'a');
    expect(await region.states('a', 'b')).toEqual(['AVAILABLE', 'AVAILABLE']);
    await region.pass(NEAR, 'a');
    expect(await region.states('a', 'b')).toEqual(['AVAILABLE', 'DEGRADED']);
    expect(await region.conditions('b')).toEqual(['200.005 MAJOR']);
    await region.pass(1_000, 'a');
    expect(await region.states('a', 'b')).toEqual(['AVAILABLE', 'OFFLINE']);
    expect(await region.conditions('b')).toEqual(['200.004 CRITICAL', '200.005 CRITICAL']);
    expect(await region.conditions('a')).toEqual([]);
    await region.pass(1_000, 'a');
    expect(region.evacuated).toEqual(['b true']);
    await region.pass(1_000, 'a', 'b');
    expect(await region.states('a', 'b')).toEqual(['AVAILABLE', 'AVAILABLE']);
    expect(await region.conditions('b')).toEqual([]);
  });

  test('is not missed sooner than its agent says that it beats', async () => {
    const region = await aWatchedRegion();
    await region.add('slow', 'quick');
    await region.beatEvery(10_000, 'slow');
    await region.beat('quick');
    await region.pass(20_000, 'quick');
    expect(await region.states('slow')).toEqual(['AVAILABLE']);
    await region.pass(5_000 + NEAR, 'quick');
    expect(await region.states('slow')).toEqual(['DEGRADED']);
  });

  test.each([
    ['degrade', 'DEGRADED', ['200.005 CRITICAL']],
    ['alarm', 'AVAILABLE', ['200.005 CRITICAL']],
    ['none', 'AVAILABLE', []],
  ] as const)('with failure action %s is %s', async (failureAction, state, alarms) => {
    const region = await aWatchedRegion({ heartbeat: { failureAction } });
    await region.add('a');
    await region.pass(10_000);
    expect(await region.states('a')).toEqual([state]);
    expect(await region.conditions('a')).toEqual(alarms);
    expect(region.commands).toEqual([]);
  });

  test('is only noted while it is locked', async () => {
    const region = await aWatchedRegion();
    await region.add('a');
    await rows(
      region.dataSource,
      `update host set administrative = 'LOCKED', operational = 'DISABLED', availability = 'ONLINE'`,
    );
    await region.pass(10_000);
    expect(await region.states('a')).toEqual(['OFFLINE']);
    expect(await region.conditions('a')).toEqual(['200.001 WARNING']);
  });

  test('is not missed while a job boots it, nor counted among those that are lost', async () => {
    const region = await aWatchedRegion();
    await region.add('a', 'b', 'c');
    await rows(
      region.dataSource,
      `insert into host_job (id, host_id, action, state, step, progress, message, requested_at)
       values (gen_random_uuid(), $1, 'UNLOCK', 'RUNNING', 'BOOTING', 50, '', now())`,
      [region.idOf('b')],
    );
    await region.pass(5_000, 'a');
    expect(await region.states('b', 'c')).toEqual(['AVAILABLE', 'OFFLINE']);
    expect(await region.conditions('b')).toEqual([]);
    expect(await region.events()).toEqual([]);
  });
});

describe('a region that could not hear', () => {
  test('counts silence from when it can again: after its own start, a stop, a clock that is set', async () => {
    const region = await aWatchedRegion();
    await region.add('a');
    const steps: (() => void)[] = [
      () => {
        region.leap(60_000);
        region.restart();
      },
      () => region.leap(60_000),
      () => region.leap(-3_600_000),
    ];
    for (const step of steps) {
      await region.pass(1_000, 'a');
      step();
      await region.pass(2_000);
      expect(await region.states('a')).toEqual(['AVAILABLE']);
      await region.pass(2_000);
      expect(await region.states('a')).toEqual(['OFFLINE']);
    }
  });

  test('because its database was away, does not hold it against hosts', async () => {
    const region = await aWatchedRegion();
    await region.add('a');
    await region.pass(1_000, 'a');
    await rows(region.dataSource, 'alter table host rename to gone');
    for (let i = 0; i < 20; i++) {
      region.leap(NEAR);
      await expect(region.look()).rejects.toThrow();
    }
    await rows(region.dataSource, 'alter table gone rename to host');
    await region.pass(2_000);
    expect(await region.states('a')).toEqual(['AVAILABLE']);
    await region.pass(2_000);
    expect(await region.states('a')).toEqual(['OFFLINE']);
  });
});

describe('many hosts lost at once', () => {
  const all = ['a', 'b', 'c', 'd'];

  test('are degraded and none is failed until they are heard again; what is still missing then is', async () => {
    const region = await aWatchedRegion();
    await region.add(...all);
    await region.pass(1_000, ...all);
    await region.pass(15_000, 'a');
    expect(await region.states(...all)).toEqual(['AVAILABLE', 'DEGRADED', 'DEGRADED', 'DEGRADED']);
    expect(await region.conditions('b')).toEqual(['200.005 MAJOR']);
    expect(await region.events()).toEqual(['a.event=mnfa_enter']);
    expect(region.commands).toEqual([]);
    await region.pass(2_000, 'a', 'b', 'c');
    expect(await region.states(...all)).toEqual(['AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'DEGRADED']);
    expect(await region.events()).toEqual(['a.event=mnfa_enter', 'a.event=mnfa_exit']);
    await region.pass(3_000, 'a', 'b', 'c');
    expect(await region.states('d')).toEqual(['OFFLINE']);
  });

  test('are so still after a restart of the region', async () => {
    const region = await aWatchedRegion();
    await region.add(...all);
    await region.pass(10_000, 'a');
    region.restart();
    await region.pass(10_000, 'a');
    expect(await region.states(...all)).toEqual(['AVAILABLE', 'DEGRADED', 'DEGRADED', 'DEGRADED']);
  });

  test('are failed all the same after the time that is set', async () => {
    const region = await aWatchedRegion({ heartbeat: { mnfaTimeoutMs: 20_000 } });
    await region.add(...all);
    await region.pass(15_000, 'a');
    expect(await region.states('b', 'c', 'd')).toEqual(['DEGRADED', 'DEGRADED', 'DEGRADED']);
    await region.pass(10_000, 'a');
    expect(await region.states('b', 'c', 'd')).toEqual(['OFFLINE', 'OFFLINE', 'OFFLINE']);
  });
});

describe('what degrades a host', () => {
  test('makes it DEGRADED for as long as it holds, whoever says so', async () => {
    const region = await aWatchedRegion();
    await region.add('a');
    const failed = {
      alarmId: '200.006',
      instance: '.process=ceph',
      severity: 'MAJOR',
      reasonText: 'ceph failed',
    } as const;
    const minor = { ...failed, severity: 'MINOR' } as const;
    const set = (...conditions: (typeof failed | typeof minor)[]) =>
      region.outbox.transaction(tx => setConditions(tx, region.idOf('a'), 'process', conditions));
    await set(minor);
    await region.pass(1_000, 'a');
    expect(await region.states('a')).toEqual(['AVAILABLE']);
    await set(failed);
    await region.pass(1_000, 'a');
    expect(await region.states('a')).toEqual(['DEGRADED']);
    await set();
    await region.pass(1_000, 'a');
    expect(await region.states('a')).toEqual(['AVAILABLE']);
  });
});

describe('a failed host', () => {
  test('is booted, then reset, as often as is set, and then left to its operators, who are told', async () => {
    const region = await aWatchedRegion({ recovery: { afterMs: 10_000, pauseMs: 20_000, reboots: 2, resets: 1 } });
    region.power.reason = null;
    await region.add('a', 'b');
    await region.pass(13_000, 'a');
    expect(region.commands).toEqual([]);
    await region.pass(2_000, 'a');
    expect(region.commands).toEqual(['RECOVER_BY_REBOOT b']);
    expect(await region.words('b', '200.004')).toContain('tries to bring it back');
    region.restart(); // what was tried is not forgotten
    await region.pass(65_000, 'a');
    expect(region.commands).toEqual(['RECOVER_BY_REBOOT b', 'RECOVER_BY_REBOOT b', 'RECOVER_BY_RESET b']);
    await region.pass(30_000, 'a');
    expect(region.commands).toHaveLength(3);
    expect(await region.words('b', '200.004')).toBe(
      'b failed, and 3 attempts did not bring it back: lock and unlock it to retry.',
    );
  });

  test('begins anew once its operators locked it', async () => {
    const region = await aWatchedRegion({ recovery: { afterMs: 1_000, pauseMs: 1_000, reboots: 1, resets: 0 } });
    await region.add('a', 'b');
    await region.pass(20_000, 'a');
    const set = (administrative: string) =>
      rows(region.dataSource, 'update host set administrative = $1 where id = $2', [administrative, region.idOf('b')]);
    expect(region.commands).toHaveLength(1);
    await set('LOCKED');
    await region.pass(1_000, 'a');
    expect(await region.conditions('b')).toEqual([]);
    await set('UNLOCKED');
    await region.pass(5_000, 'a');
    expect(region.commands).toHaveLength(2);
  });

  test('is given up by its own lifecycle, attempt by attempt, and taken back the moment it is heard', async () => {
    const recovery = { afterMs: 1_000, pauseMs: 1_000, reboots: 2, resets: 0 };
    const region = await aWatchedRegion({ recovery, lifecycle: { orderMs: 10_000 } }, { orders: true });
    await region.add('a', 'b');
    await region.pass(8_000, 'a');
    const job = async () =>
      (
        await rows<{ line: string }>(
          region.dataSource,
          `select action || ' ' || state as line from host_job order by requested_at desc limit 1`,
        )
      )[0]?.line;
    expect(await job()).toBe('RECOVER_BY_REBOOT RUNNING');
    await region.pass(5_000, 'a');
    await region.runJobs();
    expect(region.commands).toHaveLength(1);
    await region.pass(6_000, 'a');
    await region.runJobs(); // nobody took the order
    expect(await job()).toBe('RECOVER_BY_REBOOT FAILED');
    await region.pass(3_000, 'a');
    expect(region.commands).toHaveLength(2);
    await region.pass(1_500, 'a', 'b');
    expect(await job()).toBe('RECOVER_BY_REBOOT SUCCEEDED');
    expect(await region.states('b')).toEqual(['AVAILABLE']);
    expect(await region.conditions('b')).toEqual([]);
  });
});
