// How a host is emptied of its workloads before it is taken out of service. Only the seam; workloads/ fills it.
import type { HostRow } from '../hosts/host.ts';

export interface EvacuationProgress {
  /** Nothing is left that has to leave. */
  readonly done: boolean;
  /** Workloads that are still there. */
  readonly remaining: number;
  /** What keeps them, a sentence each, for operators; empty while they are on their way. */
  readonly blockedBy: readonly string[];
}

export interface Evacuation {
  /**
   * Moves what may leave now and answers how far it is. Called again each second until done, also after a restart in
   * between: starting a move that is under way changes nothing. `force`: stops what cannot move; budgets do not count.
   * Nobody says when a host takes workloads again: it does while it is UNLOCKED and no lock of it is under way.
   */
  evacuate(host: HostRow, options: { readonly force: boolean }): Promise<EvacuationProgress>;
}
