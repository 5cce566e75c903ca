// Remembers on disk what hosts were configured as last: what a machine forgets with a boot is set again after it. A folder
// that cannot be used is told and done without.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Logger } from '../runtime/log.ts';
import { NodalConfiguration } from './configuration.ts';

export interface KeptConfigurations {
  /** Null for a host that was never configured. */
  of(identity: string): NodalConfiguration | null;
  keep(identity: string, configuration: NodalConfiguration): void;
}

const Kept = z.object({ identity: z.string(), configuration: NodalConfiguration });

/** Null keeps them in memory only. */
export function keepConfigurations(folder: string | null, log: Logger): KeptConfigurations {
  const kept = new Map(folder === null ? [] : read(folder, log));
  return {
    of: identity => kept.get(identity) ?? null,
    keep: (identity, configuration) => {
      kept.set(identity, configuration);
      if (folder === null) return;
      try {
        write(folder, identity, configuration);
      } catch (error) {
        log.error({ err: error, folder }, 'configuration not kept; it will not be set again after a boot');
      }
    },
  };
}

function read(folder: string, log: Logger): [string, NodalConfiguration][] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .flatMap((name): [string, NodalConfiguration][] => {
      try {
        const { identity, configuration } = Kept.parse(JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')));
        return [[identity, configuration]];
      } catch (error) {
        log.warn({ err: error, file: path.join(folder, name) }, 'kept configuration cannot be read; left out');
        return [];
      }
    });
}

/** Whole or not at all, whenever the power goes. */
function write(folder: string, identity: string, configuration: NodalConfiguration): void {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}.json`);
  fs.writeFileSync(`${file}.new`, JSON.stringify({ identity, configuration }), { flush: true });
  fs.renameSync(`${file}.new`, file);
}
