// What waits for a host's next unlock: configuration that was changed while it was locked. Only the seam; profiles/ fills it.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';

/** What a host could not take of its configuration. */
export interface ConfigurationFailure {
  /** `memory[0]`, `interfaces[data0]`. */
  readonly part: string;
  /** Why, for operators. */
  readonly message: string;
}

export interface PendingConfiguration {
  /** By host id, of those for which something waits: why they cannot be unlocked as they are configured, a sentence each. */
  waiting(sql: Sql, hostIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The agent has tried; replaces what an earlier try told. */
  tried(tx: OutboxTransaction, hostId: string, failures: readonly ConfigurationFailure[]): Promise<void>;
  /** The host has booted on its way into service: what it could take of what was pending is in effect now. In the transaction that notes the boot. */
  settle(tx: OutboxTransaction, hostId: string): Promise<void>;
}
