// The marker of a data folder: says that the folder is ours and where its database is. Reads and writes files, decides nothing.
import fs from 'node:fs';
import path from 'node:path';
import { damaged, messageOf } from './launch-error.ts';

export const MARKER_FILE = 'murmuration.json';

export interface Marker {
  readonly product: 'murmuration';
  readonly madeAt: string;
  /** The folder itself: tells a copy from the original. */
  readonly folder: string;
  /** Relative to the folder when inside it, so that the folder can be moved. */
  readonly postgres?: string;
}

export const newMarker = (at: string): Marker => ({
  product: 'murmuration',
  madeAt: new Date().toISOString(),
  folder: at,
});

export function readMarker(at: string): Marker {
  const marker = readJson(at, path.join(at, MARKER_FILE)) as Partial<Marker> | null;
  if (marker?.product !== 'murmuration') throw damaged(at, `${MARKER_FILE} is not one of ours`);
  return marker as Marker;
}

export const writeMarker = (at: string, marker: Marker): void =>
  writeWhole(path.join(at, MARKER_FILE), `${JSON.stringify(marker, null, 2)}\n`);

export function readJson(at: string, file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw damaged(at, `${path.basename(file)} cannot be read (${messageOf(error)})`);
  }
}

/** A reader sees the old text or the new one, never half of it. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text, { mode: 0o600 });
  fs.renameSync(draft, file);
}
