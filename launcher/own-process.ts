// What the launcher knows of its own process: how it was started and what its children inherit. Besides runtime/config.ts
// the only place that reads process.env, and never for a setting.
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../schema/sources.ts';

/** How a child of the same program is started. */
export interface Entry {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly script: string;
  readonly cwd: string;
}

/** The launcher's own program: from the sources through tsx, or from dist/. */
export function ownEntry(): Entry {
  const script = process.argv[1] ?? '';
  const relative = path.relative(packageRoot, script);
  return {
    execPath: process.execPath,
    // an inspector's port is the launcher's alone: each child would find it taken
    execArgv: process.execArgv.filter(flag => !flag.startsWith('--inspect')),
    script: relative.startsWith('..') ? script : relative,
    cwd: packageRoot,
  };
}

/**
 * Parts read everything from the stack file: a MURMUR_* variable that slips through would contradict it. Outside production
 * graphql-js checks each value for a second copy of itself, which costs a list about a tenth of its time.
 */
export const environmentOfParts = (): NodeJS.ProcessEnv => ({ NODE_ENV: 'production', ...without(/^MURMUR_/) });

/** PostgreSQL reads PG* and the locale variables; ssh often sends a locale that is not installed. */
export const environmentOfPostgres = (): NodeJS.ProcessEnv => ({
  ...without(/^(MURMUR_|PG|LC_|LANG$|LANGUAGE$)/),
  LC_ALL: 'C',
});

const without = (names: RegExp): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));

/**
 * Changes when npm, which started this process, is gone. A shell between npm and us does not die with npm, so then its
 * parent counts too. Null when npm did not start us: `nohup murmur up &` outlives its parent on purpose.
 */
export function npmLifeline(): string | null {
  if (process.env['npm_lifecycle_event'] === undefined) return null;
  const parent = procStat(process.ppid);
  const viaShell = parent !== null && /^(sh|dash|bash|ash|busybox|zsh)$/.test(parent.name);
  return viaShell ? `${process.ppid}<${parent.ppid}` : String(process.ppid);
}

export interface ProcStat {
  readonly name: string;
  readonly state: string;
  readonly ppid: number;
  /** Clock ticks after boot: with the pid it names one process for good. */
  readonly startedAt: string;
}

/** Linux only; null elsewhere and for a process that is gone. */
export function procStat(pid: number): ProcStat | null {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = text.lastIndexOf(')'); // the name may hold blanks and brackets itself
    const fields = text.slice(close + 2).split(' ');
    return {
      name: text.slice(text.indexOf('(') + 1, close),
      state: fields[0] ?? '',
      ppid: Number(fields[1]),
      startedAt: fields[19] ?? '',
    };
  } catch {
    return null; // no /proc, or no such process
  }
}

export function isAlive(pid: number): boolean {
  if (procStat(pid)?.state === 'Z') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, another user's
  }
}
