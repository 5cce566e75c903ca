// Reads what the chassis of a system measure: by their Sensors, and by the older Thermal and Power where those lack fans or
// power. Some services tell a few of fifty temperatures by Sensors and all of them by Thermal.
import type { z } from 'zod';
import type { Measured } from '../sensor.ts';
import type { RedfishClient } from './redfish-client.ts';
import { listMembers, readMembers } from './redfish-collections.ts';
import { Chassis, Power, SensorResource, Thermal } from './redfish-resources.ts';
import { ofPower, ofSensor, ofThermal } from './sensor-reading.ts';

export interface SensorReader {
  /** `own`: chassis that the system says are its own; empty for all of the service. */
  read(own: readonly string[], signal: AbortSignal): Promise<Measured[]>;
}

/** Large servers have 40 chassis and each is a request: what they are made of is looked at this often. */
const CHASSIS_MS = 600_000;

export function sensorReader(client: RedfishClient, now: () => number = Date.now): SensorReader {
  let known: { readonly key: string; readonly at: number; readonly chassis: readonly ChassisLinks[] } | null = null;
  return {
    read: async (own, signal) => {
      const key = own.join();
      if (known === null || known.key !== key || now() - known.at > CHASSIS_MS)
        known = { key, at: now(), chassis: await chassisIn(client, own, signal) };
      const all: Measured[] = [];
      for (const chassis of known.chassis) all.push(...(await readChassis(client, chassis, signal)));
      if (all.length === 0) known = null; // it may have been read while the service was starting
      return all;
    },
  };
}

type ChassisLinks = z.output<typeof Chassis>;

async function chassisIn(
  client: RedfishClient,
  own: readonly string[],
  signal: AbortSignal,
): Promise<readonly ChassisLinks[]> {
  const { Chassis: all } = await client.root(signal);
  const list = own.length > 0 || all === null ? null : await listMembers(client, all, signal);
  const members = list?.members ?? own.map(path => ({ '@odata.id': path }));
  return readMembers(client, members, Chassis, signal);
}

async function readChassis(client: RedfishClient, chassis: ChassisLinks, signal: AbortSignal): Promise<Measured[]> {
  const modern = chassis.Sensors === null ? [] : await readCollection(client, chassis.Sensors, signal);
  const has = (...kinds: readonly Measured['kind'][]): boolean => modern.some(({ kind }) => kinds.includes(kind));
  const thermal = chassis.Thermal === null || has('FAN') ? null : await client.find(chassis.Thermal, Thermal, signal);
  const power =
    chassis.Power === null || has('POWER', 'VOLTAGE') ? null : await client.find(chassis.Power, Power, signal);
  return mergedByName(modern, [...(thermal ? ofThermal(thermal.value) : []), ...(power ? ofPower(power.value) : [])]);
}

/** What both tell is told once: by Sensors, unless those do not even say what is measured. */
function mergedByName(modern: readonly Measured[], older: readonly Measured[]): Measured[] {
  const names = new Set(modern.filter(({ kind }) => kind !== 'OTHER').map(({ name }) => name));
  const added = older.filter(({ name }) => !names.has(name));
  const replaced = new Set(added.map(({ name }) => name));
  return [...modern.filter(({ name }) => !replaced.has(name)), ...added];
}

/** In one request where the service can (`$expand`, DSP0266 7.3.1), else one for each sensor. */
async function readCollection(client: RedfishClient, path: string, signal: AbortSignal): Promise<Measured[]> {
  const { ProtocolFeaturesSupported: can } = await client.root(signal);
  const expand = can?.ExpandQuery?.NoLinks ? `${path}?$expand=.${can.ExpandQuery.Levels ? '($levels=1)' : ''}` : path;
  const list = await listMembers(client, expand, signal);
  const sensors = await readMembers(client, list?.members ?? [], SensorResource, signal);
  return sensors.map(ofSensor).filter(sensor => sensor !== null);
}
