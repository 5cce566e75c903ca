// Passwords of board management controllers: sealed, in a table of their own that no query of the graph reads.
import { EntitySchema } from 'typeorm';

export interface BmcPasswordRow {
  readonly hostId: string;
  readonly sealed: string;
}

export const BmcPasswordEntity = new EntitySchema<BmcPasswordRow>({
  name: 'BmcPassword',
  tableName: 'bmc_password',
  columns: {
    hostId: {
      type: 'uuid',
      name: 'host_id',
      primary: true,
      primaryKeyConstraintName: 'bmc_password_pk',
      foreignKey: { target: 'Host', name: 'bmc_password_host', onDelete: 'CASCADE' },
    },
    sealed: { type: 'text' },
  },
});
