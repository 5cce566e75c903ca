// The simulated regions: the same for the same seed, plausible, and lively enough to look at.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChecksReport } from '../../../agent/report.ts';
import { createScenario } from '../../../agent/simulated/scenario.ts';
import { usedPercentAt } from '../../../agent/simulated/usage-walk.ts';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import { problemsOfInput, readSdl } from './sdl-input.ts';

const catalogue = readCatalogue();
const NOW = Date.parse('2026-11-22T09:30:00Z');
const regions = ['lagos-1', 'osaka-1', ...Array.from({ length: 30 }, (_, i) => `region-${i}`)];
const inventory = readSdl('inventory');
const faults = readSdl('faults');

const anyRegion = fc.constantFrom(...regions);
const anySeed = fc.nat(10_000);
const anyInstant = fc.integer({ min: NOW, max: NOW + 365 * 86_400_000 });

const asSent = (checks: readonly ChecksReport[]) => checks.map(({ identity, ...rest }) => ({ id: identity, ...rest }));

describe('a scenario', () => {
  test('is decided by seed, region and instant alone', () => {
    fc.assert(
      fc.property(anySeed, anyRegion, anyInstant, (seed, region, now) => {
        const [a, b] = [createScenario(seed, region), createScenario(seed, region)];
        expect(a.hostsAt(now)).toEqual(b.hostsAt(now));
        expect(a.usageAt(now)).toEqual(b.usageAt(now));
        expect(a.vitalsAt(now)).toEqual(b.vitalsAt(now));
      }),
      { numRuns: 30 },
    );
    expect(createScenario(1, 'lagos-1').hostsAt(NOW)).not.toEqual(createScenario(2, 'lagos-1').hostsAt(NOW));
  });

  test('has processes and ports that are well but for short faults, of which none is in its first ten minutes', () => {
    const kinds = new Set<string>();
    for (const region of regions.slice(0, 8)) {
      const scenario = createScenario(1, region);
      const bad = (startedAt: number, now: number) =>
        scenario
          .checksAt(startedAt, now)
          .flatMap(({ identity, processes, ports }) => [
            ...processes.filter(({ state }) => state !== 'RUNNING').map(({ name }) => `process ${identity} ${name}`),
            ...ports.filter(({ up }) => !up).map(({ name }) => `port ${identity} ${name}`),
          ]);
      const hosts = asSent(scenario.checksAt(NOW, NOW));
      expect(problemsOfInput(inventory, 'ReportHostChecksInput', { hosts })).toEqual([]);
      for (let minutes = 0; minutes < 180; minutes++) {
        const now = NOW + minutes * 60_000;
        const faults = bad(NOW - 86_400_000, now);
        expect(faults.length).toBeLessThanOrEqual(2);
        for (const fault of faults) kinds.add(fault.split(' ')[0]!);
        expect(bad(now - 600_000, now)).toEqual([]);
      }
    }
    expect([...kinds].sort()).toEqual(['port', 'process']);
  });

  test('reports what the SDL takes', () => {
    fc.assert(
      fc.property(anySeed, anyRegion, anyInstant, (seed, region, now) => {
        const scenario = createScenario(seed, region);
        for (const host of scenario.hostsAt(now))
          expect(problemsOfInput(inventory, 'ReportHostInput', host)).toEqual([]);
        expect(problemsOfInput(faults, 'ReportUsageInput', { samples: scenario.usageAt(now) })).toEqual([]);
        for (const { usedPercent } of scenario.usageAt(now)) {
          expect(usedPercent).toBeGreaterThanOrEqual(0);
          expect(usedPercent).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('gives every host its own identity, name and serial number, all marked as simulated', () => {
    for (const region of regions) {
      const hosts = createScenario(1, region).hostsAt(NOW);
      for (const key of ['identity', 'hostname', 'serialNumber', 'managementIp'] as const)
        expect(new Set(hosts.map(host => host[key])).size).toBe(hosts.length);
      const macs = hosts.flatMap(host => host.ports.map(port => port.mac));
      expect(new Set(macs).size).toBe(macs.length);
      for (const host of hosts) {
        expect(host.simulated).toBe(true);
        expect(host.serialNumber).toMatch(/^SIM-/);
        expect(host.identity).toMatch(/^02(:[0-9a-f]{2}){5}$/);
      }
    }
    const everywhere = regions.flatMap(region =>
      createScenario(1, region)
        .hostsAt(NOW)
        .map(host => host.identity),
    );
    expect(new Set(everywhere).size).toBe(everywhere.length);
  });

  test.each([
    ['lagos-1', ['controller-0', 'controller-1', 'compute-0', 'compute-1', 'compute-2', 'storage-0'], 'compute-1'],
    ['osaka-1', ['controller-0', 'controller-1'], 'controller-1'],
  ])('%s keeps its hosts whatever the seed, and has a nearly full disk from the start', (region, hostnames, full) => {
    fc.assert(
      fc.property(anySeed, anyInstant, (seed, now) => {
        const scenario = createScenario(seed, region);
        expect(scenario.hostsAt(now).map(host => host.hostname)).toEqual(hostnames);
        const disk = scenario.usageAt(now).find(s => s.hostname === full && s.instance === '/var/lib/docker');
        expect(disk?.usedPercent).toBeGreaterThanOrEqual(83);
        expect(disk?.usedPercent).toBeLessThan(86);
      }),
      { numRuns: 50 },
    );
  });

  test('other regions are simplex, duplex or standard', () => {
    const sizes = new Set(regions.slice(2).map(region => createScenario(1, region).hostsAt(NOW).length));
    for (const size of sizes) expect([1, 2, 3, 5, 6, 7]).toContain(size);
    expect(sizes.size).toBeGreaterThan(3);
  });

  test('workers have two NUMA nodes with huge pages, and there is one of each card in lagos-1', () => {
    const workers = createScenario(1, 'lagos-1')
      .hostsAt(NOW)
      .filter(host => host.personality === 'WORKER');
    for (const worker of workers) {
      expect(worker.memory).toHaveLength(2);
      expect(worker.memory.every(node => node.freeMiB > 0 && node.hugePages.some(p => p.total > 0))).toBe(true);
    }
    const kinds = new Set(workers.flatMap(worker => worker.devices.map(device => device.kind)));
    expect(kinds).toEqual(new Set(['GPU', 'ACCELERATOR', 'CRYPTO']));
  });

  test('tells of each host that comes up, and then now and then of something short, each moment once', () => {
    const HOUR = 3_600_000;
    for (const region of regions.slice(0, 5)) {
      const scenario = createScenario(1, region);
      const start = scenario.startEventsAt(NOW);
      expect(start).toHaveLength(scenario.hostsAt(NOW).length);
      const day = scenario.eventsBetween(NOW, NOW + 24 * HOUR);
      expect(day.length).toBeGreaterThan(40);
      expect(day.length).toBeLessThan(300);
      const pieces: typeof day = [];
      for (let t = NOW; t < NOW + 24 * HOUR; t += 7_001)
        pieces.push(...scenario.eventsBetween(t, Math.min(t + 7_001, NOW + 24 * HOUR)));
      expect(new Set(pieces)).toEqual(new Set(day));
      expect(pieces).toHaveLength(day.length);
      for (const event of [...start, ...day]) {
        expect(problemsOfInput(faults, 'ReportEventInput', { region, ...event })).toEqual([]);
        expect(catalogue.find(event.eventId)?.kind).toBe('LOG');
      }
    }
  });

  test('raises a lost time server on the second controller, once', () => {
    expect(createScenario(1, 'lagos-1').standingAlarms).toMatchObject([
      { alarmId: '100.114', severity: 'MINOR', entityInstanceId: 'host=controller-1.ntp' },
    ]);
  });
});

describe('usage', () => {
  test.each([
    ['CPU', 90],
    ['MEMORY', 80],
    ['FILESYSTEM', 80],
  ] as const)('%s is mostly normal, and out for about a minute now and then', (resource, threshold) => {
    const stepMs = 5_000;
    let above = 0;
    const lengths: number[] = [];
    for (let key = 0; key < 40; key++) {
      let run = 0;
      for (let t = NOW; t < NOW + 7_200_000; t += stepMs) {
        const out = usedPercentAt(`host-${key}`, resource, t) >= threshold;
        if (out) above++;
        if (!out && run > 0) lengths.push(run * stepMs);
        run = out ? run + 1 : 0;
      }
    }
    expect(above / (40 * 1_440)).toBeLessThan(0.02);
    expect(lengths.length).toBeGreaterThan(10);
    for (const length of lengths) {
      expect(length).toBeGreaterThanOrEqual(50_000);
      expect(length).toBeLessThanOrEqual(100_000);
    }
  });
});
