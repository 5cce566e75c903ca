// What one request to the fleet subgraph carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { countBySeverity, type SeverityCount } from './alarms/alarm-store.ts';
import type { AlignmentRow } from './alignment/alignment.ts';
import { findAlignments } from './alignment/alignment-store.ts';
import { type CorrelationLoaders, correlationLoaders } from './correlation/correlation-loaders.ts';
import type { FeedAccount } from './feed/feed-account.ts';
import { findAccounts } from './feed/feed-account-store.ts';
import { type CapacityRow, findHostsByName, type HostName, sumCapacity } from './hosts/host-store.ts';
import { findLeftRegions } from './mirror/departure-store.ts';
import type { MirrorHostRow } from './mirror/mirror-rows.ts';
import type { LeftRegion, RegionRow } from './regions/region.ts';
import { findRegions } from './regions/region-store.ts';
import type { RegionWatch } from './regions/region-watch.ts';

export interface FleetContext {
  /** As the database has it now. */
  readonly regionById: DataLoader<string, RegionRow | null>;
  /**
   * The region of a row or event that refers to it, as it was at the last look at the table, which is half a second old at the
   * most: lists and events need no statement for it. One that has left the graph: as it was then.
   */
  regionOf(id: string): RegionRow | null | Promise<RegionRow | null>;
  readonly alarmCounts: DataLoader<string, readonly SeverityCount[]>;
  readonly alignmentsByRegion: DataLoader<string, readonly AlignmentRow[]>;
  readonly feedAccount: DataLoader<string, FeedAccount | null>;
  readonly capacityByRegion: DataLoader<string, CapacityRow | null>;
  readonly hostByName: DataLoader<HostName, MirrorHostRow | null, string>;
  readonly correlation: CorrelationLoaders;
}

const nameText = ({ region, hostname }: HostName): string => `${region}/${hostname}`;

/** A subscription keeps one context for all its events: there the loaders batch but must not remember. */
export function fleetContext(
  dataSource: DataSource,
  watch: RegionWatch,
  { cache }: { readonly cache: boolean },
): FleetContext {
  const regionById = new DataLoader<string, RegionRow | null>(
    async ids => {
      const found = new Map((await findRegions(dataSource, ids)).map(region => [region.id, region]));
      return ids.map(id => found.get(id) ?? null);
    },
    { cache },
  );
  const leftRegionById = new DataLoader<string, LeftRegion | null>(
    async ids => {
      const found = new Map((await findLeftRegions(dataSource, ids)).map(region => [region.id, region]));
      return ids.map(id => found.get(id) ?? null);
    },
    { cache },
  );
  return {
    regionById,
    regionOf: id =>
      watch.table().get(id)?.region ?? regionById.load(id).then(region => region ?? leftRegionById.load(id)),
    alarmCounts: new DataLoader(
      async ids => {
        const counts = new Map<string, SeverityCount[]>(ids.map(id => [id, []]));
        for (const count of await countBySeverity(dataSource, { regions: ids }, true))
          counts.get(count.region)?.push(count);
        return ids.map(id => counts.get(id)!);
      },
      { cache },
    ),
    alignmentsByRegion: new DataLoader(
      async ids => {
        const found = await findAlignments(dataSource, ids);
        return ids.map(id => found.filter(alignment => alignment.region === id));
      },
      { cache },
    ),
    feedAccount: new DataLoader(
      async ids => {
        const found = new Map((await findAccounts(dataSource, ids)).map(account => [account.region, account]));
        return ids.map(id => found.get(id) ?? null);
      },
      { cache },
    ),
    capacityByRegion: new DataLoader(
      async ids => {
        const found = new Map(
          (await sumCapacity(dataSource, { regions: ids }, 'region')).map(row => [row.region, row]),
        );
        return ids.map(id => found.get(id) ?? null);
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
    correlation: correlationLoaders(dataSource, cache),
  };
}
