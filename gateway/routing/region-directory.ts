// Keeps the region table fresh: which regions there are and where their doors stand. Never empties it: a silent registry
// leaves the last good one.
import { z } from 'zod';
import { type LineSource, readLines } from '../../runtime/line-stream.ts';
import type { Logger } from '../../runtime/log.ts';
import { REGION_ID } from '../../schema/identity.ts';

const Line = z.object({
  regions: z
    .array(
      z.object({
        id: z.string().regex(REGION_ID),
        endpoint: z.url(),
        name: z.string().nullish(),
        contact: z.string(),
        schemas: z.record(z.string(), z.string()).nullish(),
      }),
    )
    .optional(),
});

export interface DirectoryRegion {
  readonly id: string;
  /** `http://host:port/<region>` */
  readonly endpoint: string;
  /** Display name; a fleet service of an older release does not tell it. */
  readonly name?: string | null | undefined;
  /** As the centre judges it: ONLINE, STALE, OFFLINE, NEVER. */
  readonly contact: string;
  /** Hash of the schema of each subgraph, as the region reported it last; none before its first contact. */
  readonly schemas?: Readonly<Record<string, string>> | null | undefined;
}

export interface RegionDirectory {
  get(region: string): DirectoryRegion | undefined;
  all(): readonly DirectoryRegion[];
  /** Whether a table has ever come, and whether the registry is heard now. */
  state(): { readonly known: boolean; readonly followed: boolean };
  close(): Promise<void>;
}

export interface DirectoryDeps {
  /** The fleet service. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** Called with the address of whoever is heard again: the fleet service's, or that of a region that is back in contact. */
  heard(address: string): void;
}

const PAUSE_MS = 500;

export function followDirectory({ url, headers, log, heard }: DirectoryDeps): RegionDirectory {
  const stop = new AbortController();
  let table = new Map<string, DirectoryRegion>();
  let known = false;
  let followed = false;

  const followOnce = async (source: LineSource): Promise<void> => {
    for await (const line of readLines<unknown>(source)) {
      const { regions } = Line.parse(line);
      if (!followed) {
        log.info('region directory followed');
        heard(url);
      }
      followed = true;
      if (!regions) continue;
      const before = table;
      table = new Map(regions.map(region => [region.id, region]));
      known = true;
      for (const { id, contact, endpoint } of regions)
        if (contact === 'ONLINE' && before.get(id)?.contact !== 'ONLINE') heard(endpoint);
    }
  };
  const following = (async () => {
    while (!stop.signal.aborted) {
      await followOnce({ url: `${url}/directory`, headers, signal: stop.signal }).catch(error => {
        if (followed && !stop.signal.aborted) log.warn({ err: error }, 'region directory silent; the last table stays');
      });
      followed = false;
      if (!stop.signal.aborted) await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  })();

  return {
    get: region => table.get(region),
    all: () => [...table.values()],
    state: () => ({ known, followed }),
    close: async () => {
      stop.abort();
      await following;
    },
  };
}
