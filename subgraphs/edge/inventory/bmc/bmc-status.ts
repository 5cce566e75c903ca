// What a region has learnt of the BMCs of its hosts, and the tables of it.
import { EntitySchema } from 'typeorm';
import type { LogEntry, PowerState, Protocol } from './board-controller.ts';
import type { Sensor } from './sensor.ts';

/** The events of a BMC come to the region while this stands. */
export interface Subscription {
  /** Where it lies at the BMC. */
  readonly path: string;
  /** Where the BMC posts, without the key. */
  readonly target: string;
  /** SHA-256 of the key, in hexadecimal. */
  readonly keyHash: string;
}

export interface BmcStatusRow {
  readonly hostId: string;
  /** SHA-256 of `accessKey`: with another way in, all that was learnt is worth nothing. */
  readonly access: string;
  readonly protocol: Protocol | null;
  readonly powerState: PowerState | null;
  /** Null before it was asked first. */
  readonly reachable: boolean | null;
  /** In a row. */
  readonly failures: number;
  readonly checkedAt: string | null;
  readonly lastError: string | null;
  readonly fingerprint: string | null;
  /** Sealed. */
  readonly session: string | null;
  readonly subscription: Subscription | null;
  readonly sensors: readonly Sensor[];
  /** Null while they could not be read. */
  readonly sensorsAt: string | null;
  /** How many entries its log held when it was read last. */
  readonly logTotal: number;
  /** How often it was cleared: ids of entries begin anew then. */
  readonly logGeneration: number;
}

export interface BmcLogRow extends LogEntry {
  readonly hostId: string;
  /** In the order in which the region read them, from 1. */
  readonly sequence: number;
  readonly generation: number;
  readonly notedAt: string;
}

/** Where the simulator of a simulated host answers as its BMC. */
export interface SimulatedBmcRow {
  readonly hostId: string;
  readonly url: string;
  readonly username: string;
  readonly sealed: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const instant = { type: 'timestamptz', precision: 3, nullable: true } as const;
const hostId = (table: string) =>
  ({
    type: 'uuid',
    name: 'host_id',
    primary: true,
    primaryKeyConstraintName: `${table}_pk`,
    foreignKey: { target: 'Host', name: `${table}_host`, onDelete: 'CASCADE' },
  }) as const;

export const BmcStatusEntity = new EntitySchema<BmcStatusRow>({
  name: 'BmcStatus',
  tableName: 'bmc_status',
  columns: {
    hostId: hostId('bmc_status'),
    access: text,
    protocol: optionalText,
    powerState: { ...optionalText, name: 'power_state' },
    reachable: { type: 'boolean', nullable: true },
    failures: { type: 'integer', default: 0 },
    checkedAt: { ...instant, name: 'checked_at' },
    lastError: { ...optionalText, name: 'last_error' },
    fingerprint: optionalText,
    session: optionalText,
    subscription: { type: 'jsonb', nullable: true },
    sensors: { type: 'jsonb', default: [] },
    sensorsAt: { ...instant, name: 'sensors_at' },
    logTotal: { type: 'integer', name: 'log_total', default: 0 },
    logGeneration: { type: 'integer', name: 'log_generation', default: 0 },
  },
});

export const BmcLogEntity = new EntitySchema<BmcLogRow>({
  name: 'BmcLogEntry',
  tableName: 'bmc_log_entry',
  columns: {
    hostId: hostId('bmc_log_entry'),
    sequence: { type: 'integer', primary: true, primaryKeyConstraintName: 'bmc_log_entry_pk' },
    generation: { type: 'integer' },
    id: { ...text, name: 'entry_id' },
    at: instant,
    notedAt: { type: 'timestamptz', precision: 3, name: 'noted_at' },
    severity: optionalText,
    message: text,
  },
  uniques: [{ name: 'bmc_log_entry_once', columns: ['hostId', 'generation', 'id'] }],
});

export const SimulatedBmcEntity = new EntitySchema<SimulatedBmcRow>({
  name: 'SimulatedBmc',
  tableName: 'simulated_bmc',
  columns: { hostId: hostId('simulated_bmc'), url: text, username: text, sealed: text },
});
