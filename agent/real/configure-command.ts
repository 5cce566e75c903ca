// Runs the operator's own program that configures the machine: configuration in, exit code and last line of its errors out.
import { spawn } from 'node:child_process';
import type { NodalConfiguration } from '../configuration.ts';

const MOST_CHARACTERS = 400; // of its last line
const CLOSING_MS = 500; // what it left running may hold its output open

/** Null when it did it; else why not. `ms` is its time limit; it also ends with the signal. */
export async function runConfigureCommand(
  [program, ...args]: readonly string[],
  configuration: NodalConfiguration,
  ms: number,
  signal: AbortSignal,
): Promise<string | null> {
  const limits = { timeout: ms, killSignal: 'SIGKILL', signal } as const;
  const child = spawn(program!, args, { ...limits, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4 * MOST_CHARACTERS);
  });
  child.stdin.on('error', () => undefined); // one that does not read its input is none of our business
  child.stdin.end(`${JSON.stringify({ configuration })}\n`);
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
  const began = Date.now();
  return new Promise(resolve => {
    child.once('error', error => resolve(`agent.configureCommand cannot be run: ${error.message}`));
    child.once('exit', async (code, killedBy) => {
      await Promise.race([closed, new Promise(done => setTimeout(done, CLOSING_MS).unref())]);
      child.stderr.destroy();
      if (code === 0) return resolve(null);
      const isLate = killedBy !== null && Date.now() - began >= ms;
      const how = isLate ? `did not end within ${ms} ms` : `ended with ${killedBy ?? `code ${code}`}`;
      resolve(`agent.configureCommand ${how}${lastLine(said)}`);
    });
  });
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().slice(0, MOST_CHARACTERS);
  return line ? `: ${line}` : '.';
}
