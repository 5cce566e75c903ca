// A door made of bare TCP: a test says what bytes it answers, and when it cuts the line.
import net, { type AddressInfo, type Socket } from 'node:net';

export interface RawRequest {
  readonly socket: Socket;
  readonly body: string;
  /** Which request of its connection it is, from 1. */
  readonly turn: number;
  /** Sends a whole response. */
  answer(body: string, ...headers: string[]): void;
}

export interface RawDoor {
  readonly url: string;
  /** The body of each request, in order. */
  readonly bodies: string[];
  /** The head of each request, in order. */
  readonly heads: string[];
  /** Connections ever made, and those that stand. */
  connections(): number;
  standing(): number;
  /** From now on; `answersOk` at first. */
  behave(behaviour: (request: RawRequest) => void): void;
  close(): Promise<void>;
}

export const OK = '{"data":{"ok":true}}';
export const answersOk = ({ answer }: RawRequest): void => answer(OK);

export async function aRawDoor(): Promise<RawDoor> {
  const bodies: string[] = [];
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let behaviour: (request: RawRequest) => void = answersOk;
  const server = net.createServer(socket => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // a test cuts lines
    let text = '';
    let turn = 0;
    socket.on('data', bytes => {
      text += bytes.toString('latin1');
      for (;;) {
        const head = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/.exec(text)?.[1]);
        if (head < 0 || text.length < head + 4 + length) return;
        const body = Buffer.from(text.slice(head + 4, head + 4 + length), 'latin1').toString();
        bodies.push(body);
        heads.push(text.slice(0, head));
        text = text.slice(head + 4 + length);
        const answer = (of: string, ...headers: string[]): void => {
          socket.write(
            ['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(of)}`, ...headers, '', of].join('\r\n'),
          );
        };
        behaviour({ socket, body, turn: ++turn, answer });
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r1/faults/graphql`,
    bodies,
    heads,
    connections: () => connections,
    standing: () => sockets.size,
    behave: next => {
      behaviour = next;
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
