// What waits for a host's next unlock: configuration that was changed while it was locked. Only the seam; profiles/ fills it.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';

export interface PendingConfiguration {
  /** By host id: why these hosts cannot be unlocked as they are configured, a sentence each. Hosts without one are left out. */
  refusals(sql: Sql, hostIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Of these hosts, those that something waits for. */
  waiting(sql: Sql, hostIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The host has booted on its way into service: what was pending is in effect now. In the transaction that notes the boot. */
  apply(tx: OutboxTransaction, hostId: string): Promise<void>;
}
