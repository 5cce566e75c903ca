// A region's inventory on a real database, whose process can be killed and started again on it, under a clock of the test's.
import { expect } from 'vitest';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { findByIds } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import type { Evacuation } from '../../../subgraphs/edge/inventory/lifecycle/evacuation.ts';
import type { HostJobRow } from '../../../subgraphs/edge/inventory/lifecycle/host-job.ts';
import { findJob } from '../../../subgraphs/edge/inventory/lifecycle/host-job-store.ts';
import type { Command } from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { uniquePrefix } from '../../support/settings.ts';
import { aHostRoom, type HostRoom, type HostRoomOptions } from './host-room.ts';

const left = leftovers();
let clock = Date.parse('2026-11-22T10:00:00Z');
export const later = (ms: number): void => {
  clock += ms;
};

/** Closed at the end of the test file. */
export async function aRestartableRoom(options: HostRoomOptions = {}) {
  const database = uniquePrefix();
  const open = (): Promise<HostRoom> => aHostRoom({ database, now: () => new Date(clock), ...options });
  let room = await open();
  let beats = 0;
  left.add(() => room.close());
  const look = async (id: string): Promise<HostRow> => (await findByIds(room.dataSource, [id]))[0]!;
  return {
    look,
    room: () => room,
    restart: async () => {
      await room.close();
      room = await open();
    },
    host: async (overrides: Parameters<typeof aHost>[0] = {}): Promise<HostRow> =>
      (await room.hosts.report(aHost({ bootId: 'boot-1', ...overrides }))).host!,
    command: async (id: string, command: Command, key?: string) => {
      const payload = await room.lifecycle.service.command(id, command, key);
      expect(payload.userErrors).toEqual([]);
      return payload.job!;
    },
    turn: () => room.lifecycle.runner.turn(),
    job: async (id: string): Promise<HostJobRow> => (await findJob(room.dataSource, id))!,
    beat: (id: string, bootId = 'boot-1') => room.hosts.heartbeats([{ id, uptimeSeconds: ++beats, bootId }], null),
    stateOf: async (id: string) => {
      const { administrative, availability } = await look(id);
      return `${administrative} ${availability}`;
    },
    conditions: async (id: string) =>
      (
        await rows<{ alarm_id: string }>(room.dataSource, `select alarm_id from host_condition where host_id = $1`, [
          id,
        ])
      ).map(row => row.alarm_id),
  };
}

/** Workloads that stay until told otherwise. */
export const stuck = (remaining: number): Evacuation & { readonly forced: string[] } => {
  const forced: string[] = [];
  return {
    forced,
    evacuate: async ({ id }, { force }) => {
      if (force) forced.push(id);
      return { done: false, remaining, blockedBy: ['payments-0 is the last of its group; 1 must stay.'] };
    },
  };
};
