// Reads small files of /proc and /sys. A missing or forbidden one is null, never an error: machines differ, and an
// agent runs without root.
import fs from 'node:fs/promises';
import path from 'node:path';

export async function readText(...segments: readonly string[]): Promise<string | null> {
  try {
    return (await fs.readFile(path.join(...segments), 'utf8')).trim();
  } catch {
    return null; // also EINVAL, which the speed of a port that is down gives
  }
}

/** Null for no file or no number. */
export async function readNumber(...segments: readonly string[]): Promise<number | null> {
  const text = await readText(...segments);
  if (text === null || text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Names in a folder, sorted with numbers in order; none when there is no such folder. */
export async function listNames(...segments: readonly string[]): Promise<string[]> {
  try {
    const names = await fs.readdir(path.join(...segments));
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

/** Where a link ends, fully resolved; null when it leads nowhere. */
export async function resolveLink(...segments: readonly string[]): Promise<string | null> {
  try {
    return await fs.realpath(path.join(...segments));
  } catch {
    return null;
  }
}
