// An HTTP/1.1 server that costs next to nothing: it looks for the body's length and for nothing else, and writes answers
// that are ready as bytes. Only for clients that are known; it has no limits.
import net from 'node:net';

/** A whole HTTP response, or one without an end: `head`, and then `beat` again and again. */
export type LeanResponse = Buffer | { readonly head: Buffer; readonly beat: Buffer; readonly everyMs: number };
export type Answer = (path: string, body: string) => LeanResponse | Promise<LeanResponse>;

export interface LeanServerDeps {
  readonly answer: Answer;
  /** Each direction takes this long, as over a long line. */
  readonly oneWayMs: number;
}

/** Resolves to the port on loopback. */
export function listenLean({ answer, oneWayMs }: LeanServerDeps): Promise<number> {
  const server = net.createServer({ noDelay: true }, socket => serve(socket, answer, oneWayMs));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
  });
}

export function responseOf(body: string, contentType = 'application/json', status = '200 OK'): Buffer {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

function serve(socket: net.Socket, answer: Answer, oneWayMs: number): void {
  let unread: Buffer = Buffer.alloc(0);
  let busy = false; // answers go out in the order of their requests
  const late = (act: () => void): void => void (oneWayMs === 0 ? act() : setTimeout(act, oneWayMs));
  const send = (response: LeanResponse): void => {
    late(() => socket.write(Buffer.isBuffer(response) ? response : response.head));
    if (Buffer.isBuffer(response)) return;
    const { beat, everyMs } = response;
    const beating = setInterval(() => socket.write(beat), everyMs);
    socket.once('close', () => clearInterval(beating));
  };
  const readOn = (): void => {
    while (!busy) {
      const request = nextRequest(unread);
      if (!request) return;
      unread = unread.subarray(request.size);
      const response = answer(request.path, request.body);
      if (!(response instanceof Promise)) send(response);
      else {
        busy = true;
        void response.then(send).then(() => {
          busy = false;
          readOn();
        });
      }
    }
  };
  socket.on('error', () => socket.destroy()); // clients are killed at the end of a bench
  socket.on('data', chunk =>
    late(() => {
      unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
      readOn();
    }),
  );
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The first whole request in the bytes, and how many bytes it takes; null when it is not whole yet. */
function nextRequest(bytes: Buffer): { readonly path: string; readonly body: string; readonly size: number } | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
  const at = headEnd + HEAD_END.length;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedRequest(path, bytes, at);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < at + length) return null;
  return { path, body: bytes.toString('utf8', at, at + length), size: at + length };
}

function chunkedRequest(path: string, bytes: Buffer, from: number): ReturnType<typeof nextRequest> {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return null;
    if (size === 0) return { path, body: Buffer.concat(chunks).toString('utf8'), size: end };
    chunks.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
