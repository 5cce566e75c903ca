// Decides which port manages the machine and what tells the machine from every other one. Decides from what it is given.
import path from 'node:path';
import { readText } from './files.ts';
import type { MachinePort } from './ports.ts';

const ROUTE_UP = 0x1;

/** The port of the best default route; null without one. `proc` is `/proc`. */
export async function readDefaultRoutePort(proc: string): Promise<string | null> {
  const table = await readText(proc, 'net/route');
  const routes = (table?.split('\n') ?? []).slice(1).flatMap(line => {
    const [port, destination, , flags, , , metric, mask] = line.trim().split(/\s+/);
    if (port === undefined || destination !== '00000000' || mask !== '00000000') return [];
    if ((Number.parseInt(flags ?? '0', 16) & ROUTE_UP) === 0) return [];
    return [{ port, metric: Number(metric) }];
  });
  return routes.sort((a, b) => a.metric - b.metric)[0]?.port ?? null;
}

/** The default route's port, else the first real port that is up; it must have a MAC. */
export function managementPort(ports: readonly MachinePort[], defaultRoutePort: string | null): MachinePort | null {
  const routed = ports.find(port => port.name === defaultRoutePort && port.mac !== null);
  return routed ?? ports.find(port => !port.virtual && port.up && port.mac !== null) ?? null;
}

/** Linux makes one at each boot; null elsewhere. `proc` is `/proc`. */
export const readBootId = async (proc: string): Promise<string | null> =>
  (await readText(proc, 'sys/kernel/random/boot_id')) || null;

/** `etc` is `/etc`. */
export async function readIdentity(etc: string, managementMac: string | null, hostname: string): Promise<string> {
  return managementMac ?? ((await readText(path.join(etc, 'machine-id'))) || hostname);
}
