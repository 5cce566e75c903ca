// Reads what the chassis of a system measure: by their Sensors where they have them, else by the older Thermal and Power.
import type { Measured } from '../sensor.ts';
import type { RedfishClient } from './redfish-client.ts';
import { linkOf, listMembers, readMembers } from './redfish-collections.ts';
import type { System } from './redfish-controller.ts';
import { Chassis, Power, SensorResource, Thermal } from './redfish-resources.ts';
import { ofPower, ofSensor, ofThermal } from './sensor-reading.ts';

export async function readSensors(client: RedfishClient, system: System, signal: AbortSignal): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const path of await chassisOf(client, system, signal)) {
    const chassis = (await client.find(path, Chassis, signal))?.value;
    if (!chassis) continue;
    const modern = chassis.Sensors === null ? [] : await readCollection(client, chassis.Sensors, signal);
    if (modern.length > 0) {
      all.push(...modern);
      continue;
    }
    const thermal = chassis.Thermal === null ? null : await client.find(chassis.Thermal, Thermal, signal);
    const power = chassis.Power === null ? null : await client.find(chassis.Power, Power, signal);
    all.push(...(thermal ? ofThermal(thermal.value) : []), ...(power ? ofPower(power.value) : []));
  }
  return all;
}

/** Those that the system says are its own; where it says nothing, all of the service. */
async function chassisOf(client: RedfishClient, { value }: System, signal: AbortSignal): Promise<readonly string[]> {
  const own = value.Links?.Chassis ?? [];
  if (own.length > 0) return own;
  const { Chassis: all } = await client.root(signal);
  const list = all === null ? null : await listMembers(client, all, signal);
  return (list?.members ?? []).map(linkOf).filter(path => path !== null);
}

/** In one request where the service can (`$expand`, DSP0266 7.3.1), else one for each sensor. */
async function readCollection(client: RedfishClient, path: string, signal: AbortSignal): Promise<Measured[]> {
  const { ProtocolFeaturesSupported: can } = await client.root(signal);
  const expand = can?.ExpandQuery?.NoLinks ? `${path}?$expand=.${can.ExpandQuery.Levels ? '($levels=1)' : ''}` : path;
  const list = await listMembers(client, expand, signal);
  const sensors = await readMembers(client, list?.members ?? [], SensorResource, signal);
  return sensors.map(ofSensor).filter(sensor => sensor !== null);
}
