// A board management controller that speaks Redfish: finds its system, chassis and logs by the links of the service.
import { BmcError } from '../bmc-error.ts';
import type { BoardController, PowerState } from '../board-controller.ts';
import { distinctlyNamed } from '../sensor.ts';
import type { RedfishClient, Resource } from './redfish-client.ts';
import { linkOf, listMembers } from './redfish-collections.ts';
import { isSubscribedAt, subscribeAt } from './redfish-events.ts';
import { readLog } from './redfish-log.ts';
import { ActionInfo, ComputerSystem } from './redfish-resources.ts';
import { readSensors } from './redfish-sensors.ts';
import { neededAction, resetType } from './reset-type.ts';

export interface RedfishControllerDeps {
  readonly client: RedfishClient;
  /** Tells the system among several that one BMC manages. */
  readonly serialNumber: string | null;
}

export type System = Resource<ReturnType<typeof ComputerSystem.parse>>;

export function redfishController({ client, serialNumber }: RedfishControllerDeps): BoardController {
  let last: System | null = null;
  const system = async (signal: AbortSignal): Promise<System> => {
    const known = last === null ? null : await client.find(last.path, ComputerSystem, signal);
    last = known ?? (await findSystem(client, serialNumber, signal));
    return last;
  };
  /** For its links: they are as they were when its power was read. */
  const linked = async (signal: AbortSignal): Promise<System> => last ?? system(signal);
  const act: BoardController['act'] = async (action, signal) => {
    const found = await system(signal);
    const needed = neededAction(action, stateOf(found));
    if (needed === null) return;
    const reset = found.value.Actions?.['#ComputerSystem.Reset'];
    if (!reset)
      throw new BmcError('UNSUPPORTED', 'The BMC offers no way to switch the power: its user may lack the privilege.');
    const info = reset['@Redfish.ActionInfo'];
    const offered =
      reset['ResetType@Redfish.AllowableValues'] ?? (info === null ? null : await offeredBy(client, info, signal));
    const type = resetType(needed, offered);
    if (type === null)
      throw new BmcError('UNSUPPORTED', `The BMC cannot do ${needed}: it offers ${offered?.join(', ')}.`);
    await client.post(reset.target, { ResetType: type }, signal);
  };
  return {
    protocol: 'REDFISH',
    power: async signal => stateOf(await system(signal)),
    act,
    bootOnce: async (_from, signal) => {
      const { path, value } = await system(signal);
      const targets = value.Boot?.['BootSourceOverrideTarget@Redfish.AllowableValues'];
      if (targets && !targets.includes('Pxe'))
        throw new BmcError(
          'UNSUPPORTED',
          `The BMC cannot boot from the network once: it offers ${targets.join(', ')}.`,
        );
      const mode = value.Boot?.BootSourceOverrideMode; // Supermicro falls back to its default where it is not said again
      const Boot = {
        BootSourceOverrideEnabled: 'Once',
        BootSourceOverrideTarget: 'Pxe',
        ...(mode ? { BootSourceOverrideMode: mode } : {}),
      };
      await client.patch(path, { Boot }, signal);
    },
    sensors: async signal => distinctlyNamed(await readSensors(client, await linked(signal), signal)),
    log: async (known, signal) => readLog(client, await linked(signal), known, signal),
    subscribe: (target, signal) => subscribeAt(client, target, signal),
    isSubscribed: (subscription, signal) => isSubscribedAt(client, subscription, signal),
    close: () => client.close(),
  };
}

async function findSystem(client: RedfishClient, serial: string | null, signal: AbortSignal): Promise<System> {
  const { Systems } = await client.root(signal);
  const list = Systems === null ? null : await listMembers(client, Systems, signal);
  const paths = (list?.members ?? []).map(linkOf).filter(path => path !== null);
  if (paths.length === 0) throw new BmcError('UNSUPPORTED', 'The BMC names no computer system.');
  if (paths.length === 1) return client.get(paths[0]!, ComputerSystem, signal);
  for (const path of paths) {
    const one = await client.find(path, ComputerSystem, signal);
    if (one && serial !== null && one.value.SerialNumber?.toLowerCase() === serial.toLowerCase()) return one;
  }
  throw new BmcError(
    'UNSUPPORTED',
    `The BMC manages ${paths.length} systems and none has the host's serial number ${serial ?? '(unknown)'}.`,
  );
}

async function offeredBy(client: RedfishClient, path: string, signal: AbortSignal): Promise<readonly string[] | null> {
  const info = await client.find(path, ActionInfo, signal);
  return info?.value.Parameters.find(parameter => parameter.Name === 'ResetType')?.AllowableValues ?? null;
}

function stateOf({ value, path }: System): PowerState {
  switch (value.PowerState) {
    case 'On':
    case 'PoweringOff':
    case 'Paused':
      return 'ON';
    case 'Off':
    case 'PoweringOn':
      return 'OFF';
    default:
      throw new BmcError('UNSUPPORTED', `The BMC does not say whether ${path} is on.`);
  }
}
