// A simulated BMC over real HTTP, and the way a region opens it.

import type { BoardPlan } from '../../../../agent/simulated/redfish/board.ts';
import {
  openRedfishSimulator,
  type RedfishSimulator,
  type SimulatedService,
} from '../../../../agent/simulated/redfish/redfish-simulator.ts';
import { type SimulatedPower, simulatedPower } from '../../../../agent/simulated/simulated-power.ts';
import { type Config, type ConfigInput, loadConfig } from '../../../../runtime/config.ts';
import type { KnownAccess } from '../../../../subgraphs/edge/inventory/bmc/bmc-access.ts';
import type { BoardController } from '../../../../subgraphs/edge/inventory/bmc/board-controller.ts';
import { openRedfish } from '../../../../subgraphs/edge/inventory/bmc/open-controller.ts';
import type { OpenSession } from '../../../../subgraphs/edge/inventory/bmc/redfish/redfish-session.ts';

export const PASSWORD = 'correct-horse-battery';

export const aBoard = (overrides: Partial<BoardPlan> = {}): BoardPlan => ({
  name: 'lagos-1/compute-0',
  hostname: 'compute-0',
  serialNumber: 'SN-1',
  manufacturer: 'Dell Inc.',
  model: 'PowerEdge R750',
  sockets: 2,
  modern: true,
  username: 'operator',
  password: PASSWORD,
  ...overrides,
});

export interface BmcHouse extends SimulatedService {
  readonly simulator: RedfishSimulator;
  readonly power: SimulatedPower;
  readonly access: KnownAccess;
  /** Sessions as they were remembered, newest last. */
  readonly remembered: (OpenSession | null)[];
  readonly fingerprints: string[];
  open(options?: {
    access?: Partial<KnownAccess>;
    settings?: BmcSettings;
    session?: OpenSession;
    password?: string;
    authorities?: string;
  }): BoardController;
  close(): Promise<void>;
}

export type BmcSettings = NonNullable<NonNullable<ConfigInput['inventory']>['bmc']>;

export const bmcSettings = (bmc: BmcSettings = {}): Config['inventory']['bmc'] =>
  loadConfig({ env: {}, flags: { inventory: { bmc: { requestDeadlineMs: 2_000, ...bmc } } } }).inventory.bmc;

export async function aBmc(
  plan: Partial<BoardPlan> = {},
  simulator: Partial<Parameters<typeof openRedfishSimulator>[0]> = {},
): Promise<BmcHouse> {
  const running = await openRedfishSimulator({
    host: '127.0.0.1',
    port: 0,
    transitionMs: 20,
    now: Date.now,
    ...simulator,
  });
  const board = aBoard(plan);
  const power = simulatedPower();
  const service = running.add(board, power);
  const opened: BoardController[] = [];
  const remembered: (OpenSession | null)[] = [];
  const fingerprints: string[] = [];
  const access: KnownAccess = {
    hostId: '00000000-0000-4000-8000-000000000001',
    hostname: board.hostname,
    serialNumber: board.serialNumber,
    type: 'REDFISH',
    ip: '127.0.0.1',
    username: board.username,
    sealedPassword: null,
    url: `${running.origin}/${board.name}`,
    protocol: null,
    fingerprint: null,
  };
  return {
    ...service,
    simulator: running,
    power,
    access,
    remembered,
    fingerprints,
    open: (options = {}) => {
      const controller = openRedfish(
        { ...access, ...options.access },
        {
          settings: bmcSettings(options.settings),
          authorities: options.authorities ?? null,
          password: options.password ?? PASSWORD,
          session: options.session ?? null,
          rememberSession: async session => void remembered.push(session),
          rememberFingerprint: fingerprint => void fingerprints.push(fingerprint),
          pauseMs: () => 20,
        },
      );
      opened.push(controller);
      return controller;
    },
    close: async () => {
      await Promise.all(opened.map(controller => controller.close()));
      await running.close();
    },
  };
}

export const soon = (): AbortSignal => AbortSignal.timeout(20_000);
