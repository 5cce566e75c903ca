// The hosts of a simulated region and how they are at an instant. Pure: (seed, region, now) decides everything.
import { graphqlInt } from '../graphql-int.ts';
import type {
  AlarmReport,
  ChecksReport,
  EventReport,
  HostReport,
  NumaMemoryReport,
  Personality,
  SoftwareReport,
  UsageSample,
  VitalsReport,
} from '../report.ts';
import { checksAt } from './check-stories.ts';
import { eventsBetween, startEvents } from './event-stories.ts';
import { buildHardware, type Hardware } from './hardware.ts';
import { chanceAt } from './random.ts';
import { planRegion } from './region-plan.ts';
import { nearlyFullAt, usedPercentAt } from './usage-walk.ts';

const RELEASE = { release: 'starlingx-10.0.1', softwareVersion: '10.0.1' };
const FULL_DISK = '/var/lib/docker';
const DAY_S = 86_400;

const FILE_SYSTEMS: Readonly<Record<Personality, readonly string[]>> = {
  CONTROLLER: ['/', '/var/log', '/var/lib/postgresql', FULL_DISK, '/scratch'],
  WORKER: ['/', '/var/log', FULL_DISK, '/var/lib/kubelet'],
  STORAGE: ['/', '/var/log', '/var/lib/ceph/data'],
  EDGEWORKER: ['/', '/var/log'],
};

export interface Scenario {
  hostsAt(now: number): HostReport[];
  vitalsAt(now: number): VitalsReport[];
  usageAt(now: number): UsageSample[];
  readonly software: readonly SoftwareReport[];
  readonly standingAlarms: readonly AlarmReport[];
  /** `startedAt`: when the agent was. */
  checksAt(startedAt: number, now: number): ChecksReport[];
  startEventsAt(now: number): EventReport[];
  /** After `from`, up to `to`. */
  eventsBetween(from: number, to: number): EventReport[];
}

export function createScenario(seed: number, region: string): Scenario {
  const plan = planRegion(seed, region);
  const hosts = plan.hosts.map(slot => buildHardware(seed, region, plan, slot));
  const hostnames = hosts.map(({ hostname }) => hostname);
  const keyOf = (host: Hardware) => `${seed}/${region}/${host.hostname}`;
  const memoryAt = (host: Hardware, now: number) => usedPercentAt(`${keyOf(host)}/memory`, 'MEMORY', now);
  const cpuAt = (host: Hardware, now: number) => usedPercentAt(`${keyOf(host)}/cpu`, 'CPU', now);
  const diskAt = (host: Hardware, mount: string, now: number) => {
    const key = `${keyOf(host)}${mount}`;
    const isFull = host.hostname === plan.fullDiskOn && mount === FULL_DISK;
    return isFull ? nearlyFullAt(key, now) : usedPercentAt(key, 'FILESYSTEM', now);
  };
  return {
    hostsAt: now =>
      hosts.map(host => ({
        ...host,
        uptimeSeconds: uptimeAt(keyOf(host), now),
        memory: host.memory.map(node => withFreeMemory(node, memoryAt(host, now))),
      })),
    vitalsAt: now =>
      hosts.map(host => ({
        identity: host.identity,
        uptimeSeconds: uptimeAt(keyOf(host), now),
        cpuUsagePercent: cpuAt(host, now),
        memoryUsagePercent: memoryAt(host, now),
      })),
    usageAt: now =>
      hosts.flatMap(host => [
        { hostname: host.hostname, resource: 'CPU', instance: null, usedPercent: cpuAt(host, now) },
        { hostname: host.hostname, resource: 'MEMORY', instance: null, usedPercent: memoryAt(host, now) },
        ...FILE_SYSTEMS[host.personality].map(
          (mount): UsageSample => ({
            hostname: host.hostname,
            resource: 'FILESYSTEM',
            instance: mount,
            usedPercent: diskAt(host, mount, now),
          }),
        ),
      ]),
    software: hosts.map(({ identity }) => ({ identity, ...RELEASE })),
    standingAlarms: ntpAlarms(hosts),
    checksAt: (startedAt, now) => checksAt(`${seed}/${region}`, hosts, startedAt, now),
    startEventsAt: now => startEvents(hostnames, now),
    eventsBetween: (from, to) => eventsBetween(`${seed}/${region}`, hostnames, from, to),
  };
}

/** The second controller's time server went away before the story starts. */
function ntpAlarms(hosts: readonly Hardware[]): AlarmReport[] {
  return hosts
    .filter(({ hostname }) => hostname === 'controller-1')
    .map(({ hostname }) => ({
      alarmId: '100.114',
      severity: 'MINOR',
      entityInstanceId: `host=${hostname}.ntp`,
      reasonText: 'NTP configuration does not contain any valid or reachable NTP servers.',
    }));
}

/** Each host is booted again every one to four months, at its own time. */
function uptimeAt(key: string, now: number): number {
  const period = Math.round((30 + 90 * chanceAt(`${key}/boot-period`)) * DAY_S);
  const phase = Math.round(period * chanceAt(`${key}/boot-phase`));
  return graphqlInt((now / 1000 + phase) % period);
}

/** Huge pages are set aside: they are neither free nor in use for what the percentage counts. */
function withFreeMemory(node: NumaMemoryReport, usedPercent: number): NumaMemoryReport {
  const setAside = node.hugePages.reduce((sum, { pageSizeKiB, total }) => sum + (pageSizeKiB / 1024) * total, 0);
  return { ...node, freeMiB: graphqlInt((node.totalMiB - setAside) * (1 - usedPercent / 100)) };
}
