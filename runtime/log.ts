// Structured logs: one JSON line an event on standard output, fixed text, variable parts as fields.
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

export function openLog(config: Pick<Config, 'log'>, fields: Readonly<Record<string, unknown>>): Logger {
  return pino({
    level: config.log.level,
    base: { pid: process.pid, ...fields },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
