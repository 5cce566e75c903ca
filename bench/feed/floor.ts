// The floor of the feed bench, in a process of its own: a bare WebSocket server that sends a text to all its clients, on
// command or as NOTIFY brings it.
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';

export type ToFloor =
  | { readonly kind: 'broadcast'; readonly text: string; readonly times: number }
  | { readonly kind: 'listen'; readonly url: string; readonly channel: string };
export type FromFloor = { readonly kind: 'ready' | 'listening'; readonly url: string };

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const say = (kind: FromFloor['kind']): void => {
  const { port } = server.address() as { port: number };
  process.send?.({ kind, url: `ws://127.0.0.1:${port}` } satisfies FromFloor);
};

function broadcast(text: string): void {
  for (const client of server.clients as Set<WebSocket>) client.send(text);
}

async function listen(url: string, channel: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  client.on('notification', ({ payload = '' }) => broadcast(payload));
  await client.query(`listen ${channel}`);
  say('listening');
}

process.on('message', async (message: ToFloor) => {
  if (message.kind === 'listen') return listen(message.url, message.channel);
  for (let i = 0; i < message.times; i++) {
    broadcast(message.text);
    await new Promise(setImmediate); // as events that come one after the other
  }
});
process.on('disconnect', () => process.exit(0));
server.on('listening', () => say('ready'));
