// The tables of the watch: what was tried to bring each host back, and whether many are lost at once.
import { EntitySchema } from 'typeorm';
import type { Attempt } from './recovery.ts';

export const RecoveryEntity = new EntitySchema<{ hostId: string; attempts: readonly Attempt[]; gaveUp: boolean }>({
  name: 'HostRecovery',
  tableName: 'host_recovery',
  columns: {
    hostId: {
      type: 'uuid',
      name: 'host_id',
      primary: true,
      primaryKeyConstraintName: 'host_recovery_pk',
      foreignKey: { target: 'Host', name: 'host_recovery_host', onDelete: 'CASCADE' },
    },
    attempts: { type: 'jsonb', default: [] },
    gaveUp: { type: 'boolean', name: 'gave_up', default: false },
  },
});

export const StormEntity = new EntitySchema<{ one: boolean; since: string; expired: boolean }>({
  name: 'HeartbeatStorm',
  tableName: 'heartbeat_storm',
  columns: {
    one: { type: 'boolean', primary: true, primaryKeyConstraintName: 'heartbeat_storm_pk', default: true },
    since: { type: 'timestamptz', precision: 3 },
    expired: { type: 'boolean', default: false },
  },
});
