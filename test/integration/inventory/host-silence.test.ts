// Hosts live by their heartbeats: one that falls silent is degraded, goes OFFLINE, and comes back with the next beat.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { type ChangeLines, readChanges } from '../edge/change-lines.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const BEAT_MS = 400; // three of them missed are 1.4 s
const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
let stream: ChangeLines;

beforeAll(async () => {
  house = await aHouse(['lagos-1'], {
    agent: { heartbeatMs: BEAT_MS },
    // tests run beside each other: hosts lost at once are no storm here
    inventory: { heartbeat: { degradeAfterMissed: 2, failAfterMissed: 3, mnfaThreshold: 100 } },
  });
  left.add(() => house.stop());
  door = hands(house);
  stream = await readChanges(house.door(), 'inventory=0');
  left.add(() => stream.close());
});

const beatOf = (id: string) => ({ id, uptimeSeconds: 77, cpuUsagePercent: 12.5, memoryUsagePercent: 40 });
const statesOf = (id: string) =>
  stream
    .of('inventory')
    .filter(c => id.endsWith(c.entityId))
    .map(c => c.row.availability);
/** Without the changes that were of something else. */
const changesOf = (id: string) => statesOf(id).filter((state, i, all) => state !== all[i - 1]);
const HOST =
  'hosts { nodes { id administrative operational availability uptimeSeconds cpuUsagePercent lastHeartbeatAt } }';
// biome-ignore lint/suspicious/noExplicitAny: a node of HOST
const look = async (id: string): Promise<any> =>
  (await door.region('inventory', HOST)).hosts.nodes.find((host: { id: string }) => host.id === id);

describe('a heartbeat', () => {
  test('is noted with what it says, and names the hosts that the region does not know', async () => {
    const { id, lastHeartbeatAt } = await door.host();
    const stranger = `lagos-1/${randomUUID()}`;
    expect(await door.beat({ hosts: [beatOf(id), beatOf(stranger)] })).toEqual({ unknown: [stranger] });
    const host = await look(id);
    expect(host).toMatchObject({ uptimeSeconds: 77, cpuUsagePercent: 12.5 });
    expect(Date.parse(host.lastHeartbeatAt)).toBeGreaterThan(Date.parse(lastHeartbeatAt));
  });

  test('that changes no state is no change for others', async () => {
    const { id } = await door.host();
    const before = (await eventually('its report', () => statesOf(id).length > 0 && statesOf(id))).length;
    await door.beat({ hosts: [beatOf(id)] });
    await door.host({ hostname: 'marker' });
    await eventually('the marker', () => stream.of('inventory').some(change => change.row.hostname === 'marker'));
    expect(statesOf(id).slice(0, before)).toEqual(statesOf(id));
  });
});

// at once: each of them mostly waits for silence
describe.concurrent('a host that falls silent', () => {
  test('goes OFFLINE, comes back as it was with the next beat, and both are told to followers', async () => {
    const worker = await door.host();
    const locked = await door.host({ personality: null });
    const both = [worker.id, locked.id];
    await eventually('both offline', () => both.every(id => statesOf(id).at(-1) === 'OFFLINE'));
    expect(await look(worker.id)).toMatchObject({
      administrative: 'UNLOCKED',
      operational: 'DISABLED',
      availability: 'OFFLINE',
    });
    await door.beat({ hosts: both.map(beatOf) });
    expect(await look(worker.id)).toMatchObject({ operational: 'ENABLED', availability: 'AVAILABLE' });
    expect(await look(locked.id)).toMatchObject({
      administrative: 'LOCKED',
      operational: 'DISABLED',
      availability: 'ONLINE',
    });
    await eventually('both back', () => both.every(id => changesOf(id).length >= 3));
    const back = (id: string) => changesOf(id).slice(0, changesOf(id).lastIndexOf('OFFLINE') + 2);
    expect(back(worker.id)).toEqual(['AVAILABLE', 'DEGRADED', 'OFFLINE', 'AVAILABLE']);
    expect(back(locked.id)).toEqual(['ONLINE', 'OFFLINE', 'ONLINE']);
  });

  test('is told once, however long it stays silent', async () => {
    const quiet = await door.host();
    await eventually('offline', () => statesOf(quiet.id).at(-1) === 'OFFLINE');
    const later = await door.host(); // by the time it is offline too, the watch has looked at the first one again
    await eventually('the later one offline', () => statesOf(later.id).at(-1) === 'OFFLINE');
    expect(changesOf(quiet.id)).toEqual(['AVAILABLE', 'DEGRADED', 'OFFLINE']);
  });

  test('comes back with a report as well', async () => {
    const report = { hostname: 'reporter', identity: 'reporter', managementMac: null };
    const { id } = await door.host(report);
    await eventually('offline', () => statesOf(id).at(-1) === 'OFFLINE');
    expect(await door.host(report)).toMatchObject({ id, operational: 'ENABLED', availability: 'AVAILABLE' });
  });
});
