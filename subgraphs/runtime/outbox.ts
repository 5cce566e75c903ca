// Every change of a subgraph is appended here in the transaction that makes it, numbered without gaps in commit order:
// the writer holds the head's row from its first statement to its commit, so no later number can commit earlier.
import { type DataSource, EntitySchema } from 'typeorm';
import { one, rows, type Sql } from './sql.ts';

/** One change as it stands in the outbox and travels to followers. */
export interface Change {
  /** Position in the subgraph's own count, as text: it outgrows a double. */
  readonly sequence: string;
  readonly at: string;
  readonly kind: string;
  /** Local id of what changed. */
  readonly entityId: string;
  /** What changed, as the change left it. */
  readonly row: unknown;
}

export interface OutboxHead {
  /** Number of the last change. */
  readonly sequence: string;
  /** Made with the database: another epoch means that the count began anew. */
  readonly epoch: string;
}

export interface OutboxTransaction {
  readonly sql: Sql;
  /** When its changes are made: taken under the lock, so that later numbers have later times while the clock runs on. */
  readonly at: string;
  /** Numbers a change and queues it for the end of the transaction. The row may carry its own number. */
  append(kind: string, entityId: string, row: (sequence: string) => unknown): string;
}

export interface Outbox {
  transaction<T>(work: (tx: OutboxTransaction) => Promise<T>): Promise<T>;
  head(): Promise<OutboxHead>;
  /** Changes after a position, oldest first. */
  read(after: string, limit: number): Promise<Change[]>;
}

export interface OutboxDeps {
  readonly dataSource: DataSource;
  /** NOTIFY channel: only a hint that there is something to read. */
  readonly channel: string;
  now(): Date;
}

export const OutboxEntity = new EntitySchema<{
  sequence: string;
  at: Date;
  kind: string;
  entityId: string;
  row: unknown;
}>({
  name: 'Outbox',
  tableName: 'outbox',
  columns: {
    sequence: { type: 'bigint', primary: true, primaryKeyConstraintName: 'outbox_pk' },
    at: { type: 'timestamptz', precision: 3 },
    kind: { type: 'text' },
    entityId: { type: 'text', name: 'entity_id' },
    row: { type: 'jsonb' },
  },
});

export const OutboxHeadEntity = new EntitySchema<{ one: boolean; sequence: string; epoch: string }>({
  name: 'OutboxHead',
  tableName: 'outbox_head',
  columns: {
    one: { type: 'boolean', primary: true, primaryKeyConstraintName: 'outbox_head_pk', default: true },
    sequence: { type: 'bigint' },
    epoch: { type: 'uuid', generated: 'uuid' },
  },
});

export function openOutbox({ dataSource, channel, now }: OutboxDeps): Outbox {
  return {
    transaction: work =>
      dataSource.transaction(async manager => {
        const head = await one<OutboxHead>(
          manager,
          '/* outbox.lock */ select sequence, epoch from outbox_head for update',
        );
        const pending: Change[] = [];
        let last = BigInt(head!.sequence);
        const at = now().toISOString();
        const result = await work({
          sql: manager,
          at,
          append: (kind, entityId, row) => {
            const sequence = String(++last);
            pending.push({ sequence, at, kind, entityId, row: row(sequence) });
            return sequence;
          },
        });
        if (pending.length > 0) await store(manager, pending, channel);
        return result;
      }),
    head: async () => (await one<OutboxHead>(dataSource, '/* outbox.head */ select sequence, epoch from outbox_head'))!,
    read: (after, limit) =>
      rows<Change>(
        dataSource,
        `/* outbox.read */ select sequence, at, kind, entity_id as "entityId", "row"
         from outbox where sequence > $1 order by sequence limit $2`,
        [after, limit],
      ),
  };
}

async function store(sql: Sql, changes: readonly Change[], channel: string): Promise<void> {
  const last = changes.at(-1)!.sequence;
  await rows(
    sql,
    `/* outbox.append */ insert into outbox (sequence, at, kind, entity_id, "row")
     select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::jsonb[])`,
    [
      changes.map(c => c.sequence),
      changes.map(c => c.at),
      changes.map(c => c.kind),
      changes.map(c => c.entityId),
      changes.map(c => JSON.stringify(c.row)),
    ],
  );
  await rows(sql, '/* outbox.advance */ update outbox_head set sequence = $1', [last]);
  await rows(sql, '/* outbox.notify */ select pg_notify($1, $2)', [channel, last]);
}
