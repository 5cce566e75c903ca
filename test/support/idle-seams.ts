// What the lifecycle of hosts asks beside it, where a test has none of it: no workloads, and no configuration that waits.
import type { Evacuation } from '../../subgraphs/edge/inventory/lifecycle/evacuation.ts';
import type { PendingConfiguration } from '../../subgraphs/edge/inventory/lifecycle/pending-configuration.ts';

export const nothingToEvacuate: Evacuation = {
  evacuate: async () => ({ done: true, remaining: 0, blockedBy: [] }),
};

export const nothingPending: PendingConfiguration = {
  waiting: async () => new Map(),
  tried: async () => undefined,
  settle: async () => undefined,
};
