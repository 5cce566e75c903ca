// The connections to one origin: as many as are needed, up to a bound, kept for a while when idle. Calls that find none
// free wait in order. A query that went out on a connection just as the other side closed it is sent once more.
import type { TransportFailure } from '../routing/transport.ts';
import { type ConnectionOwner, type HttpCall, type HttpConnection, openConnection } from './http-connection.ts';

export interface OriginPool {
  send(call: HttpCall): void;
  /** Gives a call up, and the connection it went out on. Whether it had gone out. */
  giveUp(call: HttpCall): boolean;
  /** Closes what has been idle for long enough. */
  sweep(): void;
  /** Connections that are open or being opened. */
  size(): number;
  close(): void;
}

const IDLE_MS = 30_000; // below the doors' keep-alive: we close first
/** What the other side says it keeps, we use this much shorter: its clock runs from another moment. */
const KEEP_MARGIN_MS = 1_000;

export function originPool(origin: URL, maxConnections: number, now: () => number): OriginPool {
  const open = new Set<HttpConnection>();
  const connecting = new Set<HttpConnection>();
  const waiting = new Set<HttpCall>();
  let idle: HttpConnection[] = []; // the last used is taken first

  const start = (connection: HttpConnection, call: HttpCall): void => {
    call.connection = connection;
    connection.send(call);
  };
  const grow = (): void => {
    while (connecting.size < waiting.size && open.size < maxConnections) {
      const connection = openConnection(origin, owner);
      open.add(connection);
      connecting.add(connection);
    }
  };
  const drop = (connection: HttpConnection): void => {
    open.delete(connection);
    connecting.delete(connection);
    connection.destroy();
  };
  const dropIdle = (isOver: (until: number) => boolean): void => {
    const [over, kept] = [idle.filter(one => isOver(one.keptUntil)), idle.filter(one => !isOver(one.keptUntil))];
    idle = kept;
    for (const connection of over) drop(connection);
  };
  const failWaiting = (failure: TransportFailure): void => {
    const calls = [...waiting];
    waiting.clear();
    for (const call of calls) call.owner.failed(call, failure);
  };

  const owner: ConnectionOwner = {
    free: (connection, keepMs) => {
      if (connecting.size > 0) connecting.delete(connection);
      if (waiting.size > 0) {
        const [next] = waiting;
        waiting.delete(next!);
        return start(connection, next!);
      }
      const keep = keepMs === null ? IDLE_MS : Math.min(IDLE_MS, keepMs - KEEP_MARGIN_MS);
      if (keep <= 0) return drop(connection);
      connection.keptUntil = now() + keep;
      idle.push(connection);
    },
    gone: (connection, opened, failure) => {
      open.delete(connection);
      connecting.delete(connection);
      idle = idle.filter(one => one !== connection);
      if (opened) grow();
      // those that stand take the calls that wait; without any, whoever waits is told at once
      else if (open.size === connecting.size) failWaiting(failure);
    },
    lost: (call, failure, unheard) => {
      call.connection = undefined;
      if (!unheard || !call.isSafe || call.isRepeated) return call.owner.failed(call, failure);
      call.isRepeated = true;
      dropIdle(() => true); // whatever closed this connection has most likely closed the others
      waiting.add(call);
      grow();
    },
  };

  return {
    send: call => {
      const free = idle.pop();
      if (free) return start(free, call);
      waiting.add(call);
      grow();
    },
    giveUp: call => {
      if (waiting.delete(call)) {
        if (waiting.size === 0) for (const connection of [...connecting]) drop(connection);
        return call.isRepeated;
      }
      if (!call.connection) return false;
      drop(call.connection); // HTTP/1.1 knows no other way to take a request back
      grow();
      return true;
    },
    sweep: () => dropIdle(until => until <= now()),
    size: () => open.size,
    close: () => {
      for (const connection of [...open]) drop(connection);
      idle = [];
      waiting.clear();
    },
  };
}
