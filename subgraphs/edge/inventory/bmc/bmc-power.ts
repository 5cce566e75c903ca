// Switches the power of hosts by their BMCs: the lifecycle's seam, with Redfish or IPMI behind it.
import type { DataSource } from 'typeorm';
import type { HostRow } from '../hosts/host.ts';
import { type HostPower, noPower, PowerError } from '../lifecycle/host-power.ts';
import type { BmcControllers } from './bmc-controllers.ts';
import { BmcError, isPassing } from './bmc-error.ts';
import { findAccesses } from './bmc-store.ts';
import type { BoardController } from './board-controller.ts';

export interface BmcPowerDeps {
  readonly dataSource: DataSource;
  readonly controllers: BmcControllers;
  /** Called after each order. */
  ordered(hostId: string): void;
}

export function bmcPower({ dataSource, controllers, ordered }: BmcPowerDeps): HostPower {
  const controllerOf = async (host: HostRow, signal: AbortSignal): Promise<BoardController> => {
    const [access] = await findAccesses(dataSource, [host.id]);
    const status = access ? await controllers.status(access) : null;
    if (!access || !status) throw new PowerError('REFUSED', noPower.available(host) ?? '');
    return controllers.open(access, status, signal);
  };
  const ask = async <T>(
    host: HostRow,
    signal: AbortSignal,
    work: (controller: BoardController) => Promise<T>,
  ): Promise<T> => {
    try {
      return await work(await controllerOf(host, signal));
    } catch (error) {
      if (!(error instanceof BmcError)) throw error;
      throw new PowerError(isPassing(error) ? 'RETRY' : 'REFUSED', error.message);
    }
  };
  const order = async (host: HostRow, signal: AbortSignal, work: (controller: BoardController) => Promise<void>) => {
    await ask(host, signal, work);
    ordered(host.id);
  };
  return {
    available: host => (host.bmc === null ? noPower.available(host) : null),
    state: (host, signal) => ask(host, signal, controller => controller.power(signal)),
    on: (host, signal) => order(host, signal, controller => controller.act('ON', signal)),
    // a host is switched off when nothing of worth runs on it any more, or when it does not answer: it is not asked
    off: (host, signal) => order(host, signal, controller => controller.act('FORCE_OFF', signal)),
    reset: (host, signal) => order(host, signal, controller => controller.act('RESET', signal)),
    bootOnce: (host, from, signal) => order(host, signal, controller => controller.bootOnce(from, signal)),
  };
}
