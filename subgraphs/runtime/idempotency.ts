// Makes a mutation with an idempotencyKey happen once: a repeat answers what the first call answered. The answer is kept
// in the same transaction as the change.
import { createHash } from 'node:crypto';
import { EntitySchema } from 'typeorm';
import type { Logger } from '../../runtime/log.ts';
import type { UserError } from '../../schema/errors.ts';
import { repeating } from './repeating.ts';
import { one, rows, type Sql } from './sql.ts';

export const IdempotencyEntity = new EntitySchema<{
  key: string;
  operation: string;
  input: string;
  answer: unknown;
  at: Date;
}>({
  name: 'Idempotency',
  tableName: 'idempotency',
  columns: {
    key: { type: 'text', primary: true, primaryKeyConstraintName: 'idempotency_pk' },
    operation: { type: 'text' },
    input: { type: 'text' },
    answer: { type: 'jsonb' },
    at: { type: 'timestamptz', precision: 3, default: () => 'now()' },
  },
});

export const MAX_KEY = 200; // characters

interface Refusable {
  readonly userErrors: readonly UserError[];
}

/**
 * Runs `work` unless the key was seen before. `refusal` makes the payload for a key that came with another input.
 * Must run in a transaction that one writer of the subgraph holds at a time (an outbox transaction).
 */
export async function once<P extends Refusable>(
  sql: Sql,
  operation: string,
  key: string | null | undefined,
  input: unknown,
  refusal: (error: UserError) => P,
  work: () => Promise<P>,
): Promise<P> {
  if (key === undefined || key === null) return work();
  if (key.length === 0 || key.length > MAX_KEY)
    return refusal({
      code: 'TOO_LONG',
      message: `idempotencyKey must have 1 to ${MAX_KEY} characters.`,
      path: ['input', 'idempotencyKey'],
    });
  const hash = createHash('sha256').update(canonical(input)).digest('hex');
  const seen = await one<{ operation: string; input: string; answer: P }>(
    sql,
    '/* idempotency.find */ select operation, input, answer from idempotency where key = $1',
    [key],
  );
  if (seen?.operation === operation && seen.input === hash) return seen.answer;
  if (seen)
    return refusal({
      code: 'IDEMPOTENCY_KEY_REUSED',
      message: `This idempotencyKey was already used for ${seen.operation} with another input: choose a new one.`,
      path: ['input', 'idempotencyKey'],
    });
  const answer = await work();
  await rows(
    sql,
    '/* idempotency.keep */ insert into idempotency (key, operation, input, answer) values ($1, $2, $3, $4)',
    [key, operation, hash, JSON.stringify(answer)],
  );
  return answer;
}

/** The same text for the same input, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

const KEPT_MS = 24 * 3_600_000; // a repeat comes within seconds; a day covers a client that was offline
const SWEEP_MS = 3_600_000;

/** Forgets old keys at once and every hour; answers how to stop. */
export function sweepKeys(sql: Sql, log: Logger, now: () => Date): () => Promise<void> {
  const sweep = async (): Promise<void> => {
    const before = new Date(now().getTime() - KEPT_MS).toISOString();
    await rows(sql, '/* idempotency.sweep */ delete from idempotency where at < $1', [before]);
  };
  const sweeps = repeating({
    everyMs: SWEEP_MS,
    log,
    failed: 'old idempotency keys not removed; tried again in an hour',
    work: sweep,
  });
  void sweeps.turn();
  return sweeps.stop;
}
