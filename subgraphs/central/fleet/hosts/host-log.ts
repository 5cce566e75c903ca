// The log of host changes and its table.
import { EntitySchema } from 'typeorm';
import type { HostChangeKind } from './host-change.ts';

export const HostLogEntity = new EntitySchema<{
  position: string;
  region: string;
  kind: HostChangeKind;
  at: Date;
  host: object;
  before: object;
  takenAt: Date;
  left: object | null;
}>({
  name: 'HostLog',
  tableName: 'host_log',
  columns: {
    position: { type: 'bigint', primary: true, primaryKeyConstraintName: 'host_log_pk' },
    region: { type: 'text' },
    kind: { type: 'text' },
    at: { type: 'timestamptz', precision: 3 },
    host: { type: 'jsonb' },
    before: { type: 'jsonb' },
    takenAt: { type: 'timestamptz', precision: 3, name: 'taken_at', default: () => 'now()' },
    left: { type: 'jsonb', name: 'left_region', nullable: true },
  },
  indices: [
    { name: 'host_log_by_age', columns: ['takenAt'] },
    { name: 'host_log_departures', columns: ['region'], where: '(left_region IS NOT NULL)' },
  ],
});
