// One LISTEN connection for several channels. A notification is only a hint: after a reconnect every listener is told,
// because hints may have been missed meanwhile.
import pg from 'pg';
import type { Logger } from '../../runtime/log.ts';

/** Without a text hints may have been missed. */
export type Hint = (text?: string) => void;

export interface Listener {
  /** Calls back on every hint for the channel, with what it says; answers how to stop. */
  on(channel: string, hint: Hint): () => void;
  close(): Promise<void>;
}

const RECONNECT_MS = 500;

export async function openListener(
  connectionString: string,
  channels: readonly string[],
  log: Logger,
): Promise<Listener> {
  const hints = new Map<string, Set<Hint>>(channels.map(channel => [channel, new Set()]));
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString, application_name: 'murmuration listener' });
    next.on('error', error => log.warn({ err: error }, 'listener connection lost'));
    next.on('end', () => {
      if (!closed && client === next) reconnectLater();
    });
    next.on('notification', message => {
      for (const hint of hints.get(message.channel) ?? []) hint(message.payload || undefined);
    });
    await next.connect();
    client = next;
    for (const channel of channels) await next.query(`listen ${next.escapeIdentifier(channel)}`);
  };
  const reconnectLater = (): void => {
    retry = setTimeout(() => {
      connect().then(
        () => {
          log.info('listener connected again');
          for (const set of hints.values()) for (const hint of set) hint();
        },
        () => reconnectLater(),
      );
    }, RECONNECT_MS);
  };

  await connect();
  return {
    on: (channel, hint) => {
      const set = hints.get(channel);
      if (!set) throw new Error(`not listening to ${channel}`);
      set.add(hint);
      return () => set.delete(hint);
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
