// Takes what agents say of processes and ports: levels, so the newest wins, and nothing is written when nothing is new.
import type { DataSource } from 'typeorm';
import type { Outbox } from '../../../runtime/outbox.ts';
import type { Condition, ConditionSource } from '../conditions/host-condition.ts';
import { isSaid, setConditionsOf } from '../conditions/set-conditions.ts';
import { findListed } from '../hosts/host-store.ts';
import { type HostChecks, portConditions, processConditions } from './host-checks.ts';

export interface CheckService {
  /** Answers the local ids that this region does not know. Of a host given twice the last counts. */
  report(hosts: readonly HostChecks[]): Promise<string[]>;
}

export interface CheckServiceDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
}

export function checkService({ dataSource, outbox }: CheckServiceDeps): CheckService {
  return {
    report: async hosts => {
      const checks = new Map(hosts.map(host => [host.id, host]));
      const known = await findListed(dataSource, [...checks.keys()]);
      const by = (of: (hostname: string | null, host: HostChecks) => Condition[]) =>
        new Map(known.map(({ id, hostname }) => [id, of(hostname, checks.get(id)!)]));
      const said: [ConditionSource, ReadonlyMap<string, readonly Condition[]>][] = [
        ['process', by((hostname, { processes }) => processConditions(hostname, processes))],
        ['interface', by((_, { ports }) => portConditions(ports))],
      ];
      for (const [source, conditions] of said)
        if (!(await isSaid(dataSource, source, conditions)))
          await outbox.transaction(tx => setConditionsOf(tx, source, conditions));
      const ids = new Set(known.map(({ id }) => id));
      return [...checks.keys()].filter(id => !ids.has(id));
    },
  };
}
