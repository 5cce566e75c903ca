// A process of clients for the feed bench: opens sockets, counts what comes, and says over IPC when all of it has come. It
// reads nothing of the messages, so that it is never what is slow.
import { WebSocket } from 'ws';

export interface OpenClients {
  readonly kind: 'open';
  readonly url: string;
  readonly count: number;
  /** What each sends once it is connected, in turn; a plain socket sends nothing and waits for nothing. */
  readonly subscribe: readonly string[];
}

export type ToClients =
  | OpenClients
  | { readonly kind: 'reset' | 'close' }
  | { readonly kind: 'expect'; readonly count: number };
export type FromClients = { readonly kind: 'opened' | 'reached' | 'closed' };

const AT_ONCE = 100; // sockets that connect side by side

let sockets: WebSocket[] = [];
let received = 0;
let expected = Number.POSITIVE_INFINITY;

const say = (kind: FromClients['kind']): void => void process.send?.({ kind } satisfies FromClients);

function count(): void {
  if (++received < expected) return;
  received -= expected;
  expected = Number.POSITIVE_INFINITY;
  say('reached');
}

/** Resolves once the server has read all that it was sent. */
function openOne(url: string, subscribe: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subscribe === undefined ? [] : ['graphql-transport-ws']);
    sockets.push(socket);
    socket.once('error', reject);
    socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
    if (subscribe === undefined) {
      socket.on('message', count);
      socket.once('open', () => resolve());
      return;
    }
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => {
      socket.send(subscribe);
      socket.send('{"type":"ping"}');
      socket.once('message', () => {
        socket.on('message', count);
        resolve();
      });
    });
  });
}

async function open({ url, count: wanted, subscribe }: OpenClients): Promise<void> {
  for (let done = 0; done < wanted; done += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, wanted - done) }, (_, i) =>
      openOne(url, subscribe[(done + i) % subscribe.length]),
    );
    await Promise.all(batch);
  }
  say('opened');
}

async function closeAll(): Promise<void> {
  const closing = sockets.map(socket => new Promise(resolve => socket.once('close', resolve)));
  for (const socket of sockets) socket.close(1000);
  await Promise.all(closing);
  sockets = [];
  say('closed');
}

process.on('message', (message: ToClients) => {
  if (message.kind === 'open') void open(message);
  if (message.kind === 'close') void closeAll();
  if (message.kind === 'reset') received = 0;
  if (message.kind !== 'expect') return;
  expected = message.count;
  received--; // what came before may have been all of it
  count();
});
process.on('disconnect', () => process.exit(0));
