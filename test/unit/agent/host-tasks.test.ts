// What agents make of orders: simulated hosts go down and boot, real ones only when they may.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HostSource } from '../../../agent/host-source.ts';
import { keepConfigurations } from '../../../agent/kept-configurations.ts';
import { planHostAction } from '../../../agent/real/host-actions.ts';
import { simulatedMachines } from '../../../agent/simulated/machines.ts';
import { simulatedPower } from '../../../agent/simulated/simulated-power.ts';
import { createSimulatedSource } from '../../../agent/simulated/simulated-source.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { aConfiguration, anInterface } from './configurations.ts';

const left = leftovers();
const { signal } = new AbortController();
const SEED = { region: 'lagos-1', seed: 1, bootMs: 9_000 };

describe('a simulated region', () => {
  let now = Date.parse('2026-11-22T10:00:00Z');
  const power = simulatedPower();
  const source = createSimulatedSource({ region: 'lagos-1', seed: 1, bootMs: 9_000, now: () => now, power });
  const vitalsOf = async (identity: string) => (await source.vitals()).find(vitals => vitals.identity === identity);

  test('boots a host that it is asked to: silent for some seconds, then up since another boot', async () => {
    const [host, other] = await source.discover();
    const { identity, hostname, bootId } = host!;
    const said = async () => [
      (await source.discover()).some(known => known.identity === identity),
      (await source.vitals()).some(vitals => vitals.identity === identity),
      (await source.usage()).some(sample => sample.hostname === hostname),
      (await source.software()).some(software => software.identity === identity),
    ];
    const plan = source.plan(identity, { kind: 'REBOOT' });
    expect(await vitalsOf(identity)).toMatchObject({ bootId });
    if (plan.refusal === null) await plan.begin(signal);
    expect(await said()).toEqual([false, false, false, false]);
    expect(await vitalsOf(other!.identity)).toBeDefined();
    now += 5_900; // a third faster at most
    expect(await said()).toEqual([false, false, false, false]);
    now += 6_200;
    expect(await said()).toEqual([true, true, true, true]);
    const back = await vitalsOf(identity);
    expect(back!.bootId).not.toBe(bootId);
    expect(back!.uptimeSeconds).toBeLessThan(10);
    now += 60_000;
    expect(await vitalsOf(identity)).toMatchObject({ bootId: back!.bootId });
  });

  test('is silent without power, and boots when it is switched on', async () => {
    const [{ identity, hostname, bootId }] = (await source.discover()) as [
      Awaited<ReturnType<typeof source.discover>>[0],
    ];
    power.set(hostname, false);
    now += 3_600_000;
    expect(await vitalsOf(identity)).toBeUndefined();
    power.set(hostname, true);
    expect(await vitalsOf(identity)).toBeUndefined();
    now += 12_100;
    expect((await vitalsOf(identity))!.bootId).not.toBe(bootId);
  });

  test('has what it was configured to have from its next boot on, also after a restart of its agent', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-kept-'));
    left.add(async () => fs.rmSync(folder, { recursive: true, force: true }));
    const start = () =>
      createSimulatedSource({ ...SEED, now: () => now, power, kept: keepConfigurations(folder, quiet) });
    const one = start();
    const host = (await one.discover()).find(({ ports }) => ports.some(({ sriov }) => sriov))!;
    const port = host.ports.find(({ sriov }) => sriov)!.name;
    const configuration = aConfiguration({
      memory: [{ node: 0, platformReservedMiB: 8_000, hugePages2M: 0, hugePages1G: 7 }],
      interfaces: [anInterface({ name: port, mtu: 9_000, vfCount: 5 })],
    });
    const told = async (of: HostSource) => {
      const { memory, ports } = (await of.discover()).find(({ identity }) => identity === host.identity)!;
      const { mtu, sriov } = ports.find(({ name }) => name === port)!;
      return {
        pages: memory[0]!.hugePages.find(({ pageSizeKiB }) => pageSizeKiB === 1_048_576)?.total,
        mtu,
        vfs: sriov!.configuredVfs,
      };
    };
    const before = await told(one);
    const plan = one.plan(host.identity, { kind: 'APPLY_CONFIGURATION', configuration });
    expect(plan.refusal === null && (await plan.begin(signal))).toEqual([]);
    expect(await told(one)).toEqual(before);
    const boot = one.plan(host.identity, { kind: 'REBOOT' });
    if (boot.refusal === null) await boot.begin(signal);
    now += 12_100;
    const after = { pages: 7, mtu: 9_000, vfs: 5 };
    expect(before).not.toEqual(after);
    expect(await told(one)).toEqual(after);
    expect(await told(start())).toEqual(after);
  });

  test('does not boot a host that has no power', () => {
    const off = simulatedPower();
    off.set('compute-9', false);
    const machines = simulatedMachines({ power: off, bootMs: () => 1, now: () => now });
    machines.reboot('compute-9');
    now += 10;
    expect(machines.isUp('compute-9')).toBe(false);
  });
});

describe('a real agent', () => {
  const ran: string[] = [];
  const deps = {
    execute: async (command: string, args: readonly string[]): Promise<void> =>
      void ran.push([command, ...args].join(' ')),
    configure: async () => {
      ran.push('configure');
      return [{ part: 'memory[0]', refusal: null }];
    },
  };
  const ORDERS = [{ kind: 'REBOOT' }, { kind: 'APPLY_CONFIGURATION', configuration: aConfiguration() }] as const;

  test('refuses to touch its machine unless it may, and says how it may', () => {
    for (const order of ORDERS)
      expect(planHostAction(order, { ...deps, allowed: false }).refusal).toContain('Set agent.hostActions to true');
    expect(ran).toEqual([]);
  });

  test('boots by systemctl and configures when it may, and nothing before it is told to begin', async () => {
    const plans = ORDERS.map(order => planHostAction(order, { ...deps, allowed: true }));
    expect(ran).toEqual([]);
    const outcomes = [];
    for (const plan of plans) if (plan.refusal === null) outcomes.push(await plan.begin(signal));
    expect(ran).toEqual(['systemctl reboot', 'configure']);
    expect(outcomes).toEqual([null, [{ part: 'memory[0]', refusal: null }]]);
  });

  test('never installs itself anew', () => {
    expect(planHostAction({ kind: 'REINSTALL' }, { ...deps, allowed: true }).refusal).toContain(
      'board management controller',
    );
  });
});
