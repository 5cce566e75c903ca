// Opens the queue of one region. A folder that cannot be used is told and done without: reporting comes first.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Config } from '../../runtime/config.ts';
import type { Logger } from '../../runtime/log.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { openSegments, type Segments } from './segments.ts';

export function openEventQueue(config: Config, region: string, simulated: boolean, parentLog: Logger): EventQueue {
  const log = parentLog.child({ region });
  // the agent of a machine and the one that simulates its neighbours may serve one region; no region id holds a dot
  const folder = path.join(queueFolder(config), simulated ? `${region}.simulated` : region);
  const segments = usable(folder, log);
  if (segments && segments.kept.length > 0) log.info({ events: segments.kept.length }, 'events wait from before');
  if (segments && segments.unreadable > 0)
    log.warn({ lines: segments.unreadable, folder }, 'unreadable lines in the event queue left out');
  return createEventQueue({ segments, most: config.agent.queueEntries, log, newKey: randomUUID });
}

const queueFolder = ({ agent, data }: Config): string => agent.queueFolder ?? path.join(data, 'agent-queue');

function usable(folder: string, log: Logger): Segments | null {
  try {
    return openSegments(folder);
  } catch (error) {
    log.error({ err: error, folder }, 'queue folder cannot be used; events are kept in memory only');
    return null;
  }
}
