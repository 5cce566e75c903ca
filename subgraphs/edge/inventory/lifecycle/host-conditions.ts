// What the lifecycle says of a host that alarms follow from. Only the seam to conditions/, which keeps them.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';

export interface HostCondition {
  readonly alarmId: string;
  /** What follows `host=<name>` in the entity instance: '', `.process=sshd` … */
  readonly instance: string;
  readonly severity: 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';
  readonly reasonText: string;
}

/** Replaces what one source says of a host; publishes the host when that changed anything. */
export type SetConditions = (
  tx: OutboxTransaction,
  hostId: string,
  source: 'lifecycle',
  conditions: readonly HostCondition[],
) => Promise<void>;

export const noConditions: SetConditions = async () => undefined;
