// What the other rooms of the inventory may ask of the lifecycle: it alone writes the state of a host.
import type { UserError } from '../../../../schema/errors.ts';
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { HostRow } from '../hosts/host.ts';
import type { HostJobRow } from './host-job.ts';
import type { Command, Report } from './host-state.ts';

export interface HostJobPayload {
  /** As the command left it; null when refused. */
  readonly host: HostRow | null;
  readonly job: HostJobRow | null;
  readonly userErrors: readonly UserError[];
}

export interface LifecycleService {
  /** Tells of hosts in a transaction of its caller, who holds the region's outbox; answers the hosts that this changed. */
  report(tx: OutboxTransaction, hostIds: readonly string[], event: Report): Promise<HostRow[]>;
  /** Gives a command; `hostId` is local. Refusals are userErrors, and change nothing. */
  command(hostId: string, command: Command, idempotencyKey?: string | null): Promise<HostJobPayload>;
}
