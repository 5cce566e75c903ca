// A board management controller that speaks IPMI only, by ipmitool. It posts no events.
import { BmcError } from '../bmc-error.ts';
import type { BoardController, PowerAction, PowerState } from '../board-controller.ts';
import { neededAction } from '../redfish/reset-type.ts';
import { distinctlyNamed } from '../sensor.ts';
import { readSel, readSensorTable } from './ipmi-output.ts';
import type { Ipmitool } from './ipmitool.ts';

const COMMANDS: Readonly<Record<PowerAction, string>> = {
  ON: 'on',
  GRACEFUL_OFF: 'soft',
  FORCE_OFF: 'off',
  CYCLE: 'cycle',
  RESET: 'reset',
};

export function ipmiController(run: Ipmitool): BoardController {
  const power = async (signal: AbortSignal): Promise<PowerState> => {
    const [, state] = /Chassis Power is (on|off)/i.exec(await run(['chassis', 'power', 'status'], signal)) ?? [];
    if (state === undefined) throw new BmcError('GARBLED', 'ipmitool does not say whether the host is on.');
    return state.toLowerCase() === 'on' ? 'ON' : 'OFF';
  };
  return {
    protocol: 'IPMI',
    power,
    act: async (action, signal) => {
      const needed = neededAction(action, await power(signal));
      if (needed !== null) await run(['chassis', 'power', COMMANDS[needed]], signal);
    },
    bootOnce: async (_from, signal) => {
      await run(['chassis', 'bootdev', 'pxe', 'options=efiboot'], signal);
    },
    sensors: async signal => distinctlyNamed(readSensorTable(await run(['sensor'], signal))),
    log: async (known, signal) => {
      const entries = readSel(await run(['sel', 'list'], signal));
      return { total: entries.length, entries: entries.filter(entry => !known(entry.id)) };
    },
    subscribe: async () => null,
    isSubscribed: async () => false,
    close: async () => undefined,
  };
}
