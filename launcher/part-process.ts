// Starts one part of the stack as a process of its own, its output in a log file. Does not watch over it.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Entry, environmentOfParts } from './own-process.ts';
import type { PartPlan } from './stack-plan.ts';

export interface PartProcesses {
  spawn(part: PartPlan): ChildProcess;
  logFile(part: PartPlan): string;
  /** The command that starts this part by hand. */
  byHand(part: PartPlan): string;
}

export interface PartProcessDeps {
  readonly entry: Entry;
  readonly stackFile: string;
  readonly logs: string;
}

export function partProcesses({ entry, stackFile, logs }: PartProcessDeps): PartProcesses {
  const logFile = (part: PartPlan): string => path.join(logs, `${part.logName}.log`);
  const argsOf = (part: PartPlan): string[] => [...entry.execArgv, entry.script, ...part.args, '--config', stackFile];
  return {
    logFile,
    byHand: part => `cd ${quote(entry.cwd)} && node ${argsOf(part).map(quote).join(' ')}`,
    spawn(part) {
      const log = openLogFile(logFile(part));
      try {
        return spawn(entry.execPath, argsOf(part), {
          cwd: entry.cwd,
          env: environmentOfParts(),
          stdio: ['ignore', log, log, 'ipc'],
          detached: true, // Ctrl-C at the terminal reaches the launcher alone, which stops the parts in order
        });
      } finally {
        fs.closeSync(log); // the child has its own by now
      }
    },
  };
}

const ROTATE_AT = 20 * 1024 * 1024; // bytes; one older file is kept

export function openLogFile(file: string): number {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_AT) fs.renameSync(file, `${file}.1`);
  return fs.openSync(file, 'a', 0o600);
}

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
