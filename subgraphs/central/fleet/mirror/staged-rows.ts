// Where the rows of a snapshot wait until it is complete. Not logged: after a crash of the database it is taken anew.
import { EntitySchema } from 'typeorm';
import { ALARM_TABLE, HOST_TABLE, type MirrorAlarmTable, type MirrorHostRow, ofRegion } from './mirror-rows.ts';

/** Which of perhaps two snapshots at once, of leaders that take turns, a row belongs to. */
interface Staged {
  readonly snapshot: string;
}

const key = (constraint: string) => ({
  snapshot: { type: 'uuid', primary: true, primaryKeyConstraintName: constraint } as const,
  id: { type: 'text', primary: true, primaryKeyConstraintName: constraint } as const,
});

export const StagedAlarmEntity = new EntitySchema<MirrorAlarmTable & Staged>({
  name: 'StagedAlarm',
  tableName: 'staged_alarm',
  columns: { ...key('staged_alarm_pk'), ...ALARM_TABLE },
  foreignKeys: ofRegion('staged_alarm_region_fk'),
});

export const StagedHostEntity = new EntitySchema<MirrorHostRow & Staged>({
  name: 'StagedHost',
  tableName: 'staged_host',
  columns: { ...key('staged_host_pk'), ...HOST_TABLE },
  foreignKeys: ofRegion('staged_host_region_fk'),
});
