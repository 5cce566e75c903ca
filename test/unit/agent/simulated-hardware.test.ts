// The machines of simulated regions: whole in every detail, and the same whenever they are looked at.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../../agent/host-book.ts';
import type { HostReport } from '../../../agent/report.ts';
import { createScenario } from '../../../agent/simulated/scenario.ts';
import { diffHardware } from '../../../subgraphs/edge/inventory/hardware/hardware-diff.ts';
import { withSeen } from '../../../subgraphs/edge/inventory/hardware/hardware-facts.ts';
import { misfits } from '../../../subgraphs/edge/inventory/profiles/hardware-fit.ts';
import { NodalConfigurationChecks } from '../../../subgraphs/edge/inventory/profiles/nodal-configuration.ts';

const NOW = Date.parse('2026-11-22T09:30:00Z');
const anyScenario = fc.record({
  seed: fc.nat(1_000),
  region: fc.constantFrom('lagos-1', 'osaka-1', 'region-7', 'region-8'),
});
const hostsOf = (seed: number, region: string, now = NOW): HostReport[] => createScenario(seed, region).hostsAt(now);

const forEachHost = (check: (host: HostReport) => void): void =>
  fc.assert(
    fc.property(anyScenario, ({ seed, region }) => {
      for (const host of hostsOf(seed, region)) check(host);
    }),
    { numRuns: 20 },
  );

test('time alone changes no hardware', () => {
  fc.assert(
    fc.property(anyScenario, fc.nat(90 * 86_400_000), ({ seed, region }, later) => {
      const after = hostsOf(seed, region, NOW + later);
      for (const [i, host] of hostsOf(seed, region).entries()) {
        expect(fingerprint(after[i]!)).toBe(fingerprint(host));
        const before = { ...host, hardware: withSeen(null, host) };
        expect(diffHardware(before, { ...after[i]!, hardware: withSeen(before.hardware, after[i]!) })).toEqual([]);
      }
    }),
    { numRuns: 20 },
  );
});

describe('each host', () => {
  test('has as many CPUs, cores and nodes as it says', () => {
    forEachHost(({ cpu, memory }) => {
      expect(cpu.logicalCpus.map(({ number }) => number)).toEqual(Array.from({ length: cpu.threads }, (_, i) => i));
      expect(new Set(cpu.logicalCpus.map(({ socket, core }) => `${socket} ${core}`)).size).toBe(cpu.cores);
      expect(new Set(cpu.logicalCpus.map(({ numaNode }) => numaNode))).toEqual(new Set(memory.map(({ node }) => node)));
      expect(cpu.logicalCpus[0]!.function).toBe('PLATFORM');
    });
  });

  test('has interfaces on interfaces that know of it', () => {
    forEachHost(({ interfaces, ports }) => {
      const byName = new Map(interfaces.map(each => [each.name, each]));
      for (const { name, uses, usedBy } of interfaces) {
        for (const lower of uses) expect(byName.get(lower)?.usedBy).toContain(name);
        for (const upper of usedBy) expect(byName.get(upper)?.uses).toContain(name);
      }
      for (const { name } of ports) expect(byName.get(name)?.type).toBe('ETHERNET');
    });
  });

  test('has partitions that fit its disks, one of them under its volume group', () => {
    forEachHost(({ disks, volumeGroups }) => {
      for (const { partitions, sizeMiB } of disks)
        for (const { startMiB, sizeMiB: part } of partitions) expect(startMiB + part).toBeLessThan(sizeMiB);
      for (const { physicalVolumes, logicalVolumes, freeMiB, sizeMiB } of volumeGroups) {
        const partitions = disks.flatMap(disk => disk.partitions.map(({ deviceNode }) => deviceNode));
        for (const { name } of physicalVolumes) expect(partitions).toContain(name);
        expect(logicalVolumes.reduce((sum, volume) => sum + volume.sizeMiB, freeMiB)).toBe(sizeMiB);
      }
      expect(disks.filter(({ holdsRoot }) => holdsRoot)).toHaveLength(1);
    });
  });

  test('can be configured as the documentation shows', () => {
    const configuration = NodalConfigurationChecks.parse({
      cpu: [{ node: 0, platform: 2, isolated: 4 }],
      memory: [{ node: 0, platformReservedMiB: 8_000, hugePages1G: 32 }],
      interfaces: [
        { name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', networks: ['mgmt'] },
        {
          name: 'ens1f0',
          type: 'ETHERNET',
          class: 'PCI_SRIOV',
          vfCount: 16,
          vfDriver: 'VFIO',
          networks: ['fronthaul'],
        },
      ],
    });
    forEachHost(host => {
      const { managementMac } = host;
      expect(misfits(configuration, { hardware: host, managementMac, rootDevice: null, storageInUse: [] })).toEqual([]);
    });
  });
});
