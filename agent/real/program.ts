// Runs the machine's own programs that tell what no file does. One that is not installed, fails or hangs tells nothing.
import { execFile } from 'node:child_process';

const DEADLINE_MS = 5_000; // LVM waits for disks that hang
const MOST_BYTES = 4 * 1024 * 1024;

/** What the program wrote; null for no such program, an error or a timeout. */
export function outputOf(program: string, ...args: readonly string[]): Promise<string | null> {
  return new Promise(resolve => {
    const options = { timeout: DEADLINE_MS, maxBuffer: MOST_BYTES, killSignal: 'SIGKILL' } as const;
    try {
      execFile(program, [...args], options, (error, stdout) => resolve(error ? null : stdout));
    } catch {
      resolve(null); // spawning may throw at once, as when no process can be made
    }
  });
}

/** The JSON that the program wrote; null also for what is none. */
export async function jsonOf(program: string, ...args: readonly string[]): Promise<unknown> {
  const text = await outputOf(program, ...args);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
