// One leader among all replicas of the fleet service: whoever holds an advisory lock. The lock ends with its connection,
// so a leader that dies is replaced within a second and a half.
import pg from 'pg';
import type { Logger } from '../../../../runtime/log.ts';

export interface LeadershipDeps {
  readonly connectionString: string;
  readonly log: Logger;
  /** Starts what only the leader does; answers how to stop it. */
  lead(): () => Promise<void>;
}

const TRY_MS = 1_000;

/** Answers how to step down and stop trying. */
export function standForLeader({ connectionString, log, lead }: LeadershipDeps): () => Promise<void> {
  let closed = false;
  let wake: () => void = () => {};
  const rest = (): Promise<void> =>
    new Promise(resolve => {
      const timer = setTimeout(resolve, TRY_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const term = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, application_name: 'murmuration mirror leader', keepAlive: true });
    const lost = new Promise<void>(resolve => {
      client.on('error', error => log.warn({ err: error }, 'leader connection lost'));
      client.on('end', () => resolve());
    });
    try {
      await client.connect();
      while (!closed && !(await tryLock(client))) await rest();
      if (closed) return;
      log.info('leads the mirror');
      const stop = lead();
      await Promise.race([lost, closing]);
      await stop();
      log.info('leads the mirror no longer');
    } catch (error) {
      log.warn({ err: error }, 'cannot stand for leader');
    } finally {
      await client.end().catch(() => undefined); // already gone: that is what ended the term
    }
  };

  let resign: () => void = () => {};
  const closing = new Promise<void>(resolve => {
    resign = resolve;
  });
  const standing = (async () => {
    while (!closed) {
      await term();
      if (!closed) await rest();
    }
  })();
  return async () => {
    closed = true;
    resign();
    wake();
    await standing;
  };
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const answer = await client.query<{ locked: boolean }>(
    "/* mirror.lead */ select pg_try_advisory_lock(hashtext('murmuration mirror')) as locked",
  );
  return answer.rows[0]?.locked === true;
}
