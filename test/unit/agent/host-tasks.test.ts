// What agents make of orders: simulated hosts go down and boot, real ones only when they may.
import { describe, expect, test } from 'vitest';
import { planHostAction } from '../../../agent/real/host-actions.ts';
import { simulatedMachines } from '../../../agent/simulated/machines.ts';
import { simulatedPower } from '../../../agent/simulated/simulated-power.ts';
import { createSimulatedSource } from '../../../agent/simulated/simulated-source.ts';

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
    const plan = source.plan(identity, 'REBOOT');
    expect(await vitalsOf(identity)).toMatchObject({ bootId });
    if (plan.refusal === null) await plan.begin();
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
    const plan = source.plan(identity, 'SHUTDOWN');
    if (plan.refusal === null) await plan.begin();
    expect(power.isOn(hostname)).toBe(false);
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
  const run = async (command: string, args: readonly string[]): Promise<void> =>
    void ran.push([command, ...args].join(' '));

  test('refuses to boot its machine unless it may, and says how it may', () => {
    expect(planHostAction('REBOOT', false, run).refusal).toContain('Set agent.hostActions to true');
    expect(planHostAction('SHUTDOWN', false, run).refusal).not.toBeNull();
    expect(ran).toEqual([]);
  });

  test('boots and switches off by systemctl when it may, and nothing before it is told to begin', async () => {
    const plans = [planHostAction('REBOOT', true, run), planHostAction('SHUTDOWN', true, run)];
    expect(ran).toEqual([]);
    for (const plan of plans) if (plan.refusal === null) await plan.begin();
    expect(ran).toEqual(['systemctl reboot', 'systemctl poweroff']);
  });

  test('never installs itself anew', () => {
    expect(planHostAction('REINSTALL', true, run).refusal).toContain('board management controller');
  });
});
