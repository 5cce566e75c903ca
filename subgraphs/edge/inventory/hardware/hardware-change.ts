// One row of a host's hardware history, and its table.
import { EntitySchema } from 'typeorm';
import type { Change } from './hardware-diff.ts';

export interface HardwareChangeRow extends Change {
  readonly hostId: string;
  /** Counts over all hosts of the region. */
  readonly sequence: string;
  readonly at: string;
}

const optionalText = { type: 'text', nullable: true } as const;

export const HardwareChangeEntity = new EntitySchema<HardwareChangeRow>({
  name: 'HardwareChange',
  tableName: 'hardware_change',
  columns: {
    sequence: {
      type: 'bigint',
      primary: true,
      generated: 'increment',
      primaryKeyConstraintName: 'hardware_change_pk',
    },
    hostId: { type: 'uuid', name: 'host_id' },
    at: { type: 'timestamptz', precision: 3 },
    path: { type: 'text' },
    kind: { type: 'text' },
    from: { ...optionalText, name: 'from_value' },
    to: { ...optionalText, name: 'to_value' },
  },
  indices: [{ name: 'hardware_change_by_host', columns: ['hostId', 'sequence'] }],
  foreignKeys: [
    {
      target: 'Host',
      columnNames: ['hostId'],
      referencedColumnNames: ['id'],
      name: 'hardware_change_host',
      onDelete: 'CASCADE',
    },
  ],
});
