// The lines of a change stream and the request for it. Both ends import it, and both may be of another release: a field
// that is not there means what the release before it did.
import { EDGE_SUBGRAPHS, type EdgeSubgraph, isEdgeSubgraph } from '../../schema/sources.ts';
import type { Change, KeptHead, OutboxHead } from './outbox.ts';

export type ChangeLine =
  | {
      readonly hello: {
        readonly region: string;
        readonly heads: Partial<Record<EdgeSubgraph, OfferedHead>>;
        readonly schemas: Readonly<Record<string, string>>;
      };
    }
  | { readonly changes: readonly Change[]; readonly source: EdgeSubgraph }
  | { readonly snapshot: SnapshotPart }
  | { readonly beat: string; readonly heads?: Partial<Record<EdgeSubgraph, OfferedHead>> };

/** Without `oldest` the region's release gives no snapshots, and keeps all changes. */
export type OfferedHead = OutboxHead & Partial<Pick<KeptHead, 'oldest'>>;

/** A part of the source's current rows. Its changes follow from `at` on, after the last part. */
export interface SnapshotPart {
  readonly source: EdgeSubgraph;
  /** The head for which the rows are exact. */
  readonly at: OutboxHead;
  readonly rows: readonly SnapshotRow[];
  readonly isLast: boolean;
}

export interface SnapshotRow {
  /** Local id. */
  readonly entityId: string;
  /** As a change would carry it. */
  readonly row: unknown;
}

/** A follower that understands snapshots says so with this header; one that does not is refused what is no longer kept. */
export const SNAPSHOTS_HEADER = 'murmuration-snapshots';

/** What is asked of one source: the changes after a position, or a snapshot and the changes after it, or both in that order. */
export interface WantedSource {
  readonly after: string | null;
  readonly snapshot: boolean;
}

export type WantedSources = ReadonlyMap<EdgeSubgraph, WantedSource>;

/** `inventory=12&faults=40&snapshot=faults` */
export const toQuery = (wanted: WantedSources): string =>
  [...wanted]
    .flatMap(([source, { after, snapshot }]) => [
      ...(after === null ? [] : [`${source}=${after}`]),
      ...(snapshot ? [`snapshot=${source}`] : []),
    ])
    .join('&');

/** Answers in words what is wrong with the request. */
export function parseQuery(query: URLSearchParams): WantedSources | string {
  const wanted = new Map<EdgeSubgraph, WantedSource>();
  for (const [name, value] of query) {
    const isSnapshot = name === 'snapshot';
    const source = isSnapshot ? value : name;
    if (!isEdgeSubgraph(source)) return `${source} is no subgraph of a region; there are ${EDGE_SUBGRAPHS.join(', ')}.`;
    if (!isSnapshot && !/^\d{1,18}$/.test(value)) return `${name} must be a position: a whole number; it is ${value}.`;
    const { after, snapshot } = wanted.get(source) ?? { after: null, snapshot: false };
    wanted.set(source, isSnapshot ? { after, snapshot: true } : { after: value, snapshot });
  }
  return wanted.size > 0 ? wanted : `Name at least one subgraph and a position: ?${EDGE_SUBGRAPHS[0]}=0`;
}
