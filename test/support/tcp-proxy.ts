// A network link that a test can cut or make swallow everything, between two parts that know nothing of it.
import net, { type AddressInfo, type Socket } from 'node:net';

/** `cut`: connections are reset and refused. `swallowing`: they stay open, and nothing comes through, as after a dead router. */
export type LinkState = 'up' | 'cut' | 'swallowing';

export interface Link {
  readonly port: number;
  become(state: LinkState): void;
  close(): Promise<void>;
}

export async function aLink(targetPort: number): Promise<Link> {
  let state: LinkState = 'up';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()); // a cut link tells both ends the same
    socket.on('close', () => sockets.delete(socket));
  };
  const server = net.createServer(client => {
    if (state === 'cut') return void client.resetAndDestroy();
    keep(client);
    const target = net.connect(targetPort, '127.0.0.1');
    keep(target);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.on('data', bytes => {
        if (state === 'swallowing' || to.destroyed) return; // lost: whoever sent them believes that they arrived
        if (!to.write(bytes)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('close', () => {
        if (state !== 'swallowing') to.destroy();
      });
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    become: next => {
      // bytes are missing in connections that lived through `swallowing`: they must not come back to life
      if (next !== state && next !== 'swallowing') for (const socket of sockets) socket.resetAndDestroy();
      state = next;
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
