// Says that a report fails once, and that it works again once. Between the two it is quiet: no log flood while a region
// is down for hours. Decides nothing.
import type { Logger } from '../runtime/log.ts';

export interface FailureLog {
  /** `subject` is what fails, `kind` how: a new kind of the same subject is said again. */
  failed(subject: string, kind: string, message: string): void;
  worked(subject: string): void;
}

export function createFailureLog(log: Logger): FailureLog {
  const said = new Map<string, Set<string>>();
  return {
    failed(subject, kind, message) {
      const kinds = said.get(subject) ?? new Set();
      if (kinds.has(kind)) return;
      said.set(subject, kinds.add(kind));
      log.warn({ subject, kind, reason: message }, 'report failed; trying again');
    },
    worked(subject) {
      if (said.delete(subject)) log.info({ subject }, 'report works again');
    },
  };
}
