// One connection to one origin: a request at a time, no pipelining. It tells its pool when it is free and when it is gone.
import net from 'node:net';
import tls from 'node:tls';
import { reasonOf } from '../../runtime/line-stream.ts';
import { TransportFailure } from '../routing/transport.ts';
import { BadResponse } from './bad-response.ts';
import { type HttpResponse, responseReader } from './response-reader.ts';

/** A request as the pool carries it. Its owner is told once what became of it, unless it is given up before. */
export interface HttpCall {
  readonly owner: CallOwner<this>;
  /** Everything before the value of `content-length`, which is the last header. */
  readonly head: string;
  readonly body: string;
  readonly maxBytes: number;
  /** It may be sent a second time when it is not known whether the first one arrived. */
  readonly isSafe: boolean;
  /** The connection it went out on; the pool's to set. */
  connection: HttpConnection | undefined;
  /** It went out twice. */
  isRepeated: boolean;
}

export interface CallOwner<C> {
  answered(call: C, response: HttpResponse): void;
  failed(call: C, failure: TransportFailure): void;
}

export interface HttpConnection {
  /** While it is idle: until when it is kept, in ms of the clock. The pool's to set. */
  keptUntil: number;
  /** Only when it is free. */
  send(call: HttpCall): void;
  /** Gone at once; whatever was under way is not told of it. */
  destroy(): void;
}

export interface ConnectionOwner {
  /** It can take a call: for the first time, or again, then for this long at most. */
  free(connection: HttpConnection, keepMs: number | null): void;
  /** It takes none any more. `opened` says whether it ever could. */
  gone(connection: HttpConnection, opened: boolean, failure: TransportFailure): void;
  /** A call ended with its connection. `unheard`: a connection that had served others, and no byte of an answer had come. */
  lost(call: HttpCall, failure: TransportFailure, unheard: boolean): void;
}

/**
 * What is read goes through here, one read at a time, and is copied out before the next: a buffer of its own for each read of
 * each connection makes the memory of the process grow by half.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
const CONNECT_MS = 10_000; // callers have shorter deadlines; this one ends what nobody waits for any more

export function openConnection(origin: URL, owner: ConnectionOwner): HttpConnection {
  const port = Number(origin.port || (origin.protocol === 'https:' ? 443 : 80));
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const isTls = origin.protocol === 'https:';
  const to: net.TcpNetConnectOpts = {
    host,
    port,
    onread: { buffer: READ_BUFFER, callback: size => heardBytes(READ_BUFFER.subarray(0, size)) },
  };
  const socket = isTls
    ? tls.connect({ ...to, ALPNProtocols: ['http/1.1'], ...(net.isIP(host) ? {} : { servername: host }) })
    : net.connect(to);
  socket.setNoDelay(true);
  let opened = false;
  let over = false;
  let served = 0;
  let call: HttpCall | null = null;
  let heard = false;
  const reader = responseReader();

  const end = (failure: TransportFailure): void => {
    if (over) return;
    over = true;
    clearTimeout(connecting);
    socket.destroy();
    const lost = call;
    call = null;
    owner.gone(self, opened, failure);
    if (lost) owner.lost(lost, failure, served > 0 && !heard);
  };
  const endFor = (reason: string): void => end(new TransportFailure('unreachable', reason, opened));
  const connecting = setTimeout(() => endFor('connection timed out'), CONNECT_MS);

  const answered = (response: HttpResponse): void => {
    const answeredCall = call!;
    call = null;
    served++;
    // an answer that came before the whole request was out leaves a connection that nobody can use
    if (response.reusable && socket.writableLength === 0) owner.free(self, response.keepAliveMs);
    else end(new TransportFailure('unreachable', 'closed the connection'));
    answeredCall.owner.answered(answeredCall, response);
  };
  /** Whether that was the end of it. Without bytes the other side ends the connection. */
  const read = (bytes: Buffer | null): boolean => {
    try {
      const response = bytes ? reader.push(bytes) : reader.end();
      if (response) answered(response);
      return response !== null;
    } catch (error) {
      if (!(error instanceof BadResponse)) throw error;
      end(new TransportFailure('unusable', error.message));
      return true;
    }
  };

  socket.once(isTls ? 'secureConnect' : 'connect', () => {
    clearTimeout(connecting);
    opened = true;
    owner.free(self, null);
  });
  const heardBytes = (bytes: Buffer): boolean => {
    if (over) return true;
    if (call) {
      heard = true;
      read(bytes);
    } else endFor('sent what nobody asked for');
    return true; // read on
  };
  socket.on('end', () => {
    if (call && read(null)) return;
    endFor(heard && call ? 'broke off its answer' : 'closed the connection');
  });
  socket.on('error', error => endFor(reasonOf(error)));
  socket.on('close', () => endFor('closed the connection'));

  const self: HttpConnection = {
    keptUntil: 0,
    send: next => {
      call = next;
      heard = false;
      reader.begin(next.maxBytes);
      const length = Buffer.byteLength(next.body);
      // text of one byte a character is written without a look at each
      socket.write(`${next.head}${length}\r\n\r\n${next.body}`, length === next.body.length ? 'latin1' : 'utf8');
    },
    destroy: () => {
      over = true;
      call = null;
      clearTimeout(connecting);
      socket.destroy();
    },
  };
  return self;
}
