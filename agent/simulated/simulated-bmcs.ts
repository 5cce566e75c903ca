// Gives the hosts of simulated regions BMCs: services of one simulator on a port of this machine, with a password of each
// start of the agent. They switch the same power that the hosts' agents live by.
import { randomBytes } from 'node:crypto';
import type { HostReport } from '../report.ts';
import { chanceAt } from './random.ts';
import type { BoardPlan } from './redfish/board.ts';
import { openRedfishSimulator, type RedfishSimulator } from './redfish/redfish-simulator.ts';
import type { SimulatedPower } from './simulated-power.ts';

export interface SimulatedBmcs {
  /** The report with where the host's BMC is; it answers from then on. */
  withBmc(region: string, host: HostReport, power: SimulatedPower): Promise<HostReport>;
  close(): Promise<void>;
}

const USERNAME = 'murmuration';
const OLDER_SHARE = 1 / 3; // of servers that tell their sensors by Thermal and Power

export function simulatedBmcs(now: () => number): SimulatedBmcs {
  const password = randomBytes(18).toString('base64url');
  let running: Promise<RedfishSimulator> | null = null;
  const simulator = (): Promise<RedfishSimulator> => {
    running ??= openRedfishSimulator({ host: '127.0.0.1', port: 0, now }).catch(error => {
      running = null;
      throw error;
    });
    return running;
  };
  return {
    withBmc: async (region, host, power) => {
      const { origin, find, add } = await simulator();
      const name = `${region}/${host.hostname}`;
      if (!find(name)) add(planOf(name, host, password), power);
      const ip = host.managementIp?.replace('192.168.204.', '192.168.205.') ?? '192.168.205.1';
      return { ...host, simulatedBmc: { url: `${origin}/${name}`, ip, username: USERNAME, password } };
    },
    close: async () => {
      await (await running?.catch(() => null))?.close();
    },
  };
}

const planOf = (name: string, host: HostReport, password: string): BoardPlan => ({
  name,
  hostname: host.hostname,
  serialNumber: host.serialNumber,
  manufacturer: host.manufacturer,
  model: host.productName,
  sockets: host.cpu.sockets,
  modern: chanceAt(`${name}/bmc`) >= OLDER_SHARE,
  username: USERNAME,
  password,
});
