// Which MAC addresses sit in which host, so that a card that moved is found at once; and which machines were deleted, so
// that one that comes back is not taken for one that never left. Their tables.
import { EntitySchema } from 'typeorm';

export interface HostPortRow {
  readonly mac: string;
  readonly hostId: string;
  /** False for a card that the host had last, and nobody has now. */
  readonly present: boolean;
}

export const HostPortEntity = new EntitySchema<HostPortRow>({
  name: 'HostPort',
  tableName: 'host_port',
  columns: {
    mac: { type: 'text', primary: true, primaryKeyConstraintName: 'host_port_pk' },
    hostId: { type: 'uuid', name: 'host_id', primary: true, primaryKeyConstraintName: 'host_port_pk' },
    present: { type: 'boolean', default: true },
  },
  indices: [{ name: 'host_port_by_host', columns: ['hostId'] }],
  foreignKeys: [
    {
      target: 'Host',
      columnNames: ['hostId'],
      referencedColumnNames: ['id'],
      name: 'host_port_host',
      onDelete: 'CASCADE',
    },
  ],
});

/** Filled by a trigger on `host`: whoever deletes a host, and however, the machine is remembered. */
export const RemovedMachineEntity = new EntitySchema<{ readonly identity: string; readonly removedAt: string }>({
  name: 'RemovedMachine',
  tableName: 'removed_machine',
  columns: {
    identity: { type: 'text', primary: true, primaryKeyConstraintName: 'removed_machine_pk' },
    removedAt: { type: 'timestamptz', precision: 3, name: 'removed_at', default: () => 'now()' },
  },
});
