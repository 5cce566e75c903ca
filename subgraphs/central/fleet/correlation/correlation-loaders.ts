// Loads what explains mirrored alarms, and what they explain, for a whole answer at once.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { loadByPage, type Page } from '../../../runtime/connection.ts';
import type { MirrorAlarm } from '../mirror/mirror-rows.ts';
import { type Cause, findCauses, type ImpactedList, listImpacted } from './correlation-store.ts';

export interface ImpactedKey extends Cause {
  readonly page: Page;
}

/** Where an alarm lies. */
export interface Place {
  readonly region: string;
  readonly hostname: string | null;
}

export interface CorrelationLoaders {
  /** The open alarms that may explain others of this place: of its host, and of its region as a whole. */
  readonly causesAt: DataLoader<Place, readonly MirrorAlarm[], string>;
  readonly impactedByCause: DataLoader<ImpactedKey, ImpactedList, string>;
}

export const correlationLoaders = (dataSource: DataSource, cache: boolean): CorrelationLoaders => ({
  causesAt: new DataLoader(
    async places => {
      const regions = [...new Set(places.map(place => place.region))];
      const hostnames = [...new Set(places.flatMap(place => place.hostname ?? []))];
      const found = new Map<string, MirrorAlarm[]>(regions.map(region => [region, []]));
      for (const cause of await findCauses(dataSource, regions, hostnames)) found.get(cause.region)!.push(cause);
      return places.map(({ region, hostname }) =>
        found.get(region)!.filter(cause => cause.hostname === null || cause.hostname === hostname),
      );
    },
    { cache, cacheKeyFn: ({ region, hostname }) => JSON.stringify([region, hostname]) },
  ),
  impactedByCause: new DataLoader(keys => loadByPage(keys, (causes, page) => listImpacted(dataSource, causes, page)), {
    cache,
    cacheKeyFn: JSON.stringify,
  }),
});
