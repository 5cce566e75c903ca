// Starts the embedded PostgreSQL again when it dies: a plain start recovers everything that was committed.
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { messageOf } from './launch-error.ts';
import { seconds } from './supervisor.ts';

export interface PostgresKeeperDeps {
  readonly start: () => Promise<EmbeddedPostgres>;
  readonly restartMs: number;
  readonly supervise: boolean;
  readonly say: (line: string) => void;
}

export interface PostgresKeeper {
  start(): Promise<EmbeddedPostgres>;
  pid(): number | undefined;
  stop(): Promise<void>;
  kill(): void;
}

export function keepPostgres({ start, restartMs, supervise, say }: PostgresKeeperDeps): PostgresKeeper {
  let server: EmbeddedPostgres | undefined;
  let starting: Promise<unknown> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;
  let stopping = false;

  async function launch(): Promise<EmbeddedPostgres> {
    const started = await start();
    server = started;
    started.exited.then(({ code, signal }) => {
      server = undefined;
      if (!stopping) mourn(`PostgreSQL ended (${signal ?? `exit code ${code}`})`);
    });
    return started;
  }

  function mourn(what: string): void {
    if (!supervise) {
      say(`${what} and stays dead (--no-supervise): stop everything with Ctrl-C and start again`);
      return;
    }
    say(`${what}: again in ${seconds(restartMs)}`);
    retry = setTimeout(() => {
      starting = launch().then(
        again => say(`PostgreSQL is up again (pid ${again.pid})`),
        error => stopping || mourn(messageOf(error)),
      );
    }, restartMs);
  }

  return {
    start() {
      const first = launch();
      starting = first.catch(() => {}); // the caller hears of it
      return first;
    },
    pid: () => server?.pid,
    async stop() {
      stopping = true;
      clearTimeout(retry);
      await starting; // a start cannot be broken off halfway
      await server?.stop();
    },
    kill() {
      stopping = true;
      clearTimeout(retry);
      server?.kill();
    },
  };
}
