// Keep-alive connections to one origin, one request at a time each, with as little work as HTTP/1.1 allows: for the load on
// the gateways and for the floor, whose cost must be neither measured nor matter.
import net from 'node:net';

export interface LeanConnection {
  /** Throws when the connection ends or the status is not 200. */
  post(body: string): Promise<Buffer>;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKS_END = Buffer.from('0\r\n\r\n');

export function connectLean(url: string): LeanConnection {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: `;
  let waiting: { resolve(body: Buffer): void; reject(error: Error): void } | null = null;
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted: number | null = null; // bytes of the whole response, once its head tells

  const fail = (error: Error): void => {
    socket.destroy();
    waiting?.reject(error);
    waiting = null;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error(`${url} closed the connection`)));
  socket.on('data', chunk => {
    chunks.push(chunk);
    size += chunk.length;
    if (wanted !== null && size < wanted) return;
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, size);
    chunks = [bytes];
    const response = wholeResponse(bytes);
    if (response instanceof Error) return fail(response);
    wanted = response.wanted;
    if (!response.body) return;
    chunks = [];
    size = 0;
    wanted = null;
    const { resolve } = waiting!;
    waiting = null;
    resolve(response.body);
  });
  return {
    post: body =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error(`${url} closed the connection`));
        waiting = { resolve, reject };
        socket.write(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
    close: () => {
      waiting = null;
      socket.destroy();
    },
  };
}

function wholeResponse(bytes: Buffer): Error | { readonly wanted: number | null; readonly body?: Buffer } {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return { wanted: null };
  const head = bytes.toString('latin1', 0, headEnd);
  if (!head.startsWith('HTTP/1.1 200')) return new Error(`answered ${head.split('\r\n')[0]}`);
  const at = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const wanted = at + Number(length);
    return bytes.length < wanted ? { wanted } : { wanted, body: bytes.subarray(at) };
  }
  const isWhole = bytes.subarray(-CHUNKS_END.length).equals(CHUNKS_END);
  return isWhole ? { wanted: null, body: joinChunks(bytes, at) } : { wanted: null };
}

function joinChunks(bytes: Buffer, from: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
