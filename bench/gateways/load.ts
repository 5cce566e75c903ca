// Clients that each ask, wait for the whole answer, and ask again.
import { connectLean, type LeanConnection } from './lean-client.ts';

export interface Load {
  readonly requests: number;
  readonly tookMs: number;
  /** Of each request, in ms. */
  readonly latencies: readonly number[];
}

export interface Clients {
  ask(): Promise<string>;
  /** From now on an answer of another length ends the bench: what fails fast must not count as fast. */
  expect(text: string): void;
  /** Asks for this long; requests under way at the end are waited for and count. */
  run(forMs: number): Promise<Load>;
}

/** Connections last for one call: an idle one would be closed by most servers before the next. */
export function openClients(url: string, query: string, count: number): Clients {
  const body = JSON.stringify({ query });
  let wanted: number | null = null;
  const loop = async (connection: LeanConnection, until: number, latencies: number[]): Promise<void> => {
    for (let now = performance.now(); now < until; ) {
      const answer = await connection.post(body);
      const after = performance.now();
      latencies.push(after - now);
      now = after;
      const size = answer.length - (answer.at(-1) === NEW_LINE ? 1 : 0);
      if (wanted !== null && size !== wanted)
        throw new Error(`${url} answered ${size} bytes instead of ${wanted}: ${answer.toString('utf8', 0, 300)}`);
    }
  };
  const over = async <T>(connections: readonly LeanConnection[], act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } finally {
      for (const connection of connections) connection.close();
    }
  };
  return {
    expect: text => {
      wanted = Buffer.byteLength(text);
    },
    ask: () => {
      const connection = connectLean(url);
      return over([connection], async () => (await connection.post(body)).toString('utf8').trimEnd());
    },
    run: forMs => {
      const connections = Array.from({ length: count }, () => connectLean(url));
      return over(connections, async () => {
        const latencies: number[] = [];
        const since = performance.now();
        await Promise.all(connections.map(connection => loop(connection, since + forMs, latencies)));
        return { requests: latencies.length, tookMs: performance.now() - since, latencies };
      });
    },
  };
}

const NEW_LINE = 10; // some end their answer with it
