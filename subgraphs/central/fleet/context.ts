// What one request to the fleet subgraph carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { countBySeverity, type SeverityCount } from './alarms/alarm-store.ts';
import { findHostsByName, type HostName } from './hosts/host-store.ts';
import type { MirrorHostRow } from './mirror/mirror-rows.ts';
import type { RegionRow } from './regions/region.ts';
import { findRegions } from './regions/region-store.ts';

export interface FleetContext {
  readonly regionById: DataLoader<string, RegionRow | null>;
  readonly alarmCounts: DataLoader<string, readonly SeverityCount[]>;
  readonly hostByName: DataLoader<HostName, MirrorHostRow | null, string>;
}

const nameText = ({ region, hostname }: HostName): string => `${region}/${hostname}`;

/** A subscription keeps one context for all its events: there the loaders batch but must not remember. */
export function fleetContext(dataSource: DataSource, { cache }: { readonly cache: boolean }): FleetContext {
  return {
    regionById: new DataLoader(
      async ids => {
        const found = new Map((await findRegions(dataSource, ids)).map(region => [region.id, region]));
        return ids.map(id => found.get(id) ?? null);
      },
      { cache },
    ),
    alarmCounts: new DataLoader(
      async ids => {
        const counts = new Map<string, SeverityCount[]>(ids.map(id => [id, []]));
        for (const count of await countBySeverity(dataSource, { regions: ids }, true))
          counts.get(count.region)?.push(count);
        return ids.map(id => counts.get(id)!);
      },
      { cache },
    ),
    hostByName: new DataLoader(
      async names => {
        const found = new Map(
          (await findHostsByName(dataSource, names)).map(host => [`${host.region}/${host.hostname}`, host]),
        );
        return names.map(name => found.get(nameText(name)) ?? null);
      },
      { cache, cacheKeyFn: nameText },
    ),
  };
}
