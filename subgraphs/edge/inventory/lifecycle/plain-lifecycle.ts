// Stands in for the lifecycle service until that is there: reports change the state of hosts, commands are refused.
import type { Outbox } from '../../../runtime/outbox.ts';
import { publish } from '../hosts/host-service.ts';
import { findByIds, setAvailability } from '../hosts/host-store.ts';
import { next } from './host-lifecycle.ts';
import type { LifecycleState, Surroundings } from './host-state.ts';
import type { LifecycleService } from './lifecycle-service.ts';

const NOWHERE: Surroundings = {
  hostname: null,
  personality: null,
  managementMac: null,
  controllerRole: null,
  simplex: false,
  peer: null,
  powerRefusal: null,
  configurationRefusals: [],
};

export const plainLifecycle = (_: Outbox): LifecycleService => ({
  report: async (tx, ids, event) => {
    const changed = [];
    for (const host of await findByIds(tx.sql, ids)) {
      const state = { ...host, impaired: false, failure: null, job: null } as unknown as LifecycleState;
      const outcome = next(state, event, NOWHERE);
      if (outcome.refusal) continue;
      const { operational, availability } = outcome.state;
      const rows = await setAvailability(tx.sql, [host.id], { operational, availability });
      for (const row of rows) publish(tx, row);
      changed.push(...rows);
    }
    return changed;
  },
  command: async () => ({
    host: null,
    job: null,
    userErrors: [{ code: 'NOT_FOUND', message: 'No commands yet.', path: ['input', 'id'] }],
  }),
});
