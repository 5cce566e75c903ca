// One simulated server as its BMC sees it: power and its way from one state to the other, boot override, sensors, log.
import type { SimulatedPower } from '../simulated-power.ts';
import { type BoardFaults, noFaults } from './board-faults.ts';
import { planSensors, type SensorAt, sensorAt } from './board-sensors.ts';

export interface BoardPlan {
  /** In its path: `<region>/<hostname>`. */
  readonly name: string;
  readonly hostname: string;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly sockets: number;
  /** Tells its measurements by Sensors; else by the older Thermal and Power. */
  readonly modern: boolean;
  readonly username: string;
  readonly password: string;
}

export interface BoardLogEntry {
  readonly id: string;
  readonly at: string;
  readonly severity: 'OK' | 'Warning' | 'Critical';
  readonly message: string;
}

export type RedfishPower = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff';

export interface BoardDeps {
  readonly plan: BoardPlan;
  readonly power: SimulatedPower;
  /** How long switching takes. */
  readonly transitionMs: number;
  now(): number;
}

export interface Board {
  readonly plan: BoardPlan;
  readonly faults: BoardFaults;
  powerState(): RedfishPower;
  /** Carries out a reset type of Redfish; the answer says whether it may be now. */
  reset(type: string): boolean;
  readonly boot: { enabled: string; target: string; mode: string };
  sensors(): readonly SensorAt[];
  /** Null takes the reading back. */
  setReading(sensor: string, reading: number | null): void;
  readonly log: readonly BoardLogEntry[];
  write(severity: BoardLogEntry['severity'], message: string): void;
  clearLog(): void;
  /** Called with each new entry of the log. */
  onEntry: (entry: BoardLogEntry) => void;
  close(): void;
}

const LONGEST_LOG = 1_000;

export function openBoard({ plan, power, transitionMs, now }: BoardDeps): Board {
  const faults = noFaults();
  const forced = new Map<string, number>();
  const boot = { enabled: 'Disabled', target: 'None', mode: 'UEFI' };
  let log: BoardLogEntry[] = [];
  let entries = 0;
  let way: 'PoweringOn' | 'PoweringOff' | null = null;
  let timer: NodeJS.Timeout | undefined;
  const after = (ms: number, then: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const write: Board['write'] = (severity, message) => {
    const entry = { id: String(++entries), at: new Date(now()).toISOString(), severity, message };
    log = [...log, entry].slice(-LONGEST_LOG);
    board.onEntry(entry);
  };
  const turn = (on: boolean, then?: () => void): void => {
    if (way === (on ? 'PoweringOn' : 'PoweringOff')) return; // it is on its way: an order that is repeated begins nothing
    way = on ? 'PoweringOn' : 'PoweringOff';
    after(transitionMs, () => {
      if (on && boot.enabled === 'Once') Object.assign(boot, { enabled: 'Disabled', target: 'None' }); // it was used
      power.set(plan.hostname, on);
      way = null;
      write('OK', on ? 'The system was powered on.' : 'The system was powered off.');
      then?.();
    });
  };
  const restart = (): void => turn(false, () => turn(true));
  const reset = (type: string): boolean => {
    const isOn = power.isOn(plan.hostname);
    if (faults.stuckPower) return true;
    if (/^(On|ForceOn)$/.test(type)) {
      if (!isOn) turn(true);
      return true;
    }
    if (type === 'PushPowerButton') turn(!isOn);
    else if (!isOn)
      return false; // nothing runs that could be ended
    else if (/^(ForceOff|GracefulShutdown)$/.test(type)) turn(false);
    else restart();
    return true;
  };
  const unfollow = power.onChange((hostname, on) => {
    if (hostname === plan.hostname && way === null) write('OK', on ? 'The system came on.' : 'The system went off.');
  });
  const board: Board = {
    plan,
    faults,
    powerState: () => way ?? (power.isOn(plan.hostname) ? 'On' : 'Off'),
    reset,
    boot,
    sensors: () =>
      planSensors(plan.sockets).map(sensor => sensorAt(sensor, plan.name, now(), power.isOn(plan.hostname), forced)),
    setReading: (sensor, reading) => {
      const healthBefore = board.sensors().find(s => s.name === sensor)?.health;
      if (reading === null) forced.delete(sensor);
      else forced.set(sensor, reading);
      const after = board.sensors().find(s => s.name === sensor);
      if (after && after.health !== healthBefore)
        write(after.health, `${sensor} reads ${after.reading} ${after.unit}: ${after.health}.`);
    },
    get log() {
      return log;
    },
    write,
    clearLog: () => {
      log = [];
      entries = 0;
      write('OK', 'The log was cleared.');
    },
    onEntry: () => undefined,
    close: () => {
      clearTimeout(timer);
      unfollow();
    },
  };
  return board;
}
