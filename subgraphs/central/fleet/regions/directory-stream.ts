// Tells the gateways which regions there are and where: the whole table at the start and after each change.
import { type Exchange, sendError } from '../../../../runtime/http-door.ts';
import { BEAT_MS, openLines } from '../../../../runtime/line-stream.ts';
import type { RegionTable, RegionWatch } from './region-watch.ts';

/** One region in a directory line; the gateway's parser is its other end. */
export interface DirectoryEntry {
  readonly id: string;
  /** Display name. */
  readonly name: string;
  readonly endpoint: string;
  readonly contact: string;
  /** Hash by subgraph; null before the region's first contact. */
  readonly schemas: Readonly<Record<string, string>> | null;
}

export type DirectoryLine = { readonly regions: readonly DirectoryEntry[] } | { readonly beat: string };

export async function answerDirectory(watch: RegionWatch, exchange: Exchange): Promise<void> {
  // a connection that was open before can still bring a request: a stream begun now would hold up the door's closing
  if (exchange.closing.aborted)
    return sendError(exchange.res, 503, 'FLEET_UNREACHABLE', 'This replica of the fleet service is going down.');
  const lines = openLines(exchange);
  let sent = '';
  const send = (table: RegionTable): void => {
    const regions = entriesOf(table);
    const text = JSON.stringify(regions);
    if (text === sent) return;
    sent = text;
    void lines.write({ regions } satisfies DirectoryLine);
  };
  send(watch.table());
  const stop = watch.onLook(send);
  const beats = setInterval(
    () => void lines.write({ beat: new Date().toISOString() } satisfies DirectoryLine),
    BEAT_MS,
  );
  lines.closed.addEventListener('abort', () => {
    stop();
    clearInterval(beats);
  });
}

const entriesOf = (table: RegionTable): DirectoryEntry[] =>
  [...table.values()].map(({ region, contact }) => ({
    id: region.id,
    name: region.name,
    endpoint: region.endpoint,
    contact: contact.state,
    schemas: region.schemas,
  }));
