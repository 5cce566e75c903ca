// A client of the alarm feed as it should be: keeps the last cursor and resumes with it, for as long as it is wanted.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from './wait.ts';

export interface FeedEvent {
  readonly kind: string;
  readonly cursor: string;
  readonly region: { readonly id: string } | null;
  readonly alarm: {
    readonly id: string;
    readonly alarmId: string;
    readonly severity: string;
    readonly sequence: string;
    readonly entityInstanceId: string;
  } | null;
}

export interface ResumingFeed {
  /** Everything but heartbeats and snapshots, over all connections. */
  readonly events: readonly FeedEvent[];
  connections(): number;
  until(what: string, holds: (events: readonly FeedEvent[]) => unknown, deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
}

const FEED = `subscription ($after: Cursor) { alarmFeed(
  after: $after, heartbeatSeconds: 1, filter: { includeSuppressed: true, includeMasked: true }) {
  kind cursor region { id } alarm { id alarmId severity sequence entityInstanceId } } }`;

const AGAIN_MS = 100;

/** Resolves once the feed is aligned. */
export async function aResumingFeed(url: string): Promise<ResumingFeed> {
  const events: FeedEvent[] = [];
  let after: string | null = null;
  let isWanted = true;
  let connections = 0;
  let dispose: () => unknown = () => undefined;

  const once = async (): Promise<void> => {
    const client = createClient({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    dispose = () => client.dispose();
    connections++;
    const results = client.iterate<{ alarmFeed: FeedEvent }>({ query: FEED, variables: { after } });
    for await (const { data, errors } of results) {
      if (errors) throw new Error(JSON.stringify(errors));
      const event = data!.alarmFeed;
      if (after === null && event.kind !== 'ALIGNED') continue; // before that there is nothing to resume from
      after = event.cursor;
      if (event.kind !== 'HEARTBEAT') events.push(event);
    }
  };
  const following = (async () => {
    while (isWanted) {
      await once().catch(() => undefined); // the other end was killed: that is what this client is for
      if (isWanted) await pause(AGAIN_MS);
    }
  })();
  const feed: ResumingFeed = {
    events,
    connections: () => connections,
    until: async (what, holds, deadlineMs = 120_000) => {
      await eventually(what, () => Boolean(holds(events)), deadlineMs);
    },
    close: async () => {
      isWanted = false;
      await dispose();
      await following;
    },
  };
  await feed.until('ALIGNED', () => events.some(({ kind }) => kind === 'ALIGNED'));
  return feed;
}
