// What carries workloads out: the seam between the region's hosts and whatever starts and stops things on them.
import type { EvacuationProgress } from '../lifecycle/evacuation.ts';
import type { WorkloadSource } from './workload.ts';

export interface WorkloadDriver {
  readonly source: WorkloadSource;
  /**
   * Begins to move away what may leave the host now, and answers how far it is. Called about once a second until done;
   * beginning again what is under way changes nothing. The host is marked as evacuating before the first call: a driver
   * puts nothing new on hosts that are marked.
   */
  evacuate(hostId: string, options: { readonly force: boolean }): Promise<Omit<EvacuationProgress, 'done'>>;
  /** The marks, or the states of hosts, have changed: look again which hosts take workloads. */
  look(): void;
  close(): Promise<void>;
}
