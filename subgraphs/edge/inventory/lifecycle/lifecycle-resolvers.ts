// GraphQL onto the lifecycle: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { makeId } from '../../../../schema/identity.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { localId, localUuid } from '../../own-region.ts';
import type { InventoryContext } from '../context.ts';
import type { HostRow } from '../hosts/host.ts';
import type { HostJobRow } from './host-job.ts';
import { findJob, keyOfJob } from './host-job-store.ts';
import type { Command } from './host-state.ts';
import type { LifecycleService, TaskAnswer } from './lifecycle-service.ts';
import { controllerRoleOf } from './surroundings.ts';

export interface LifecycleResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly lifecycle: LifecycleService;
}

interface CommandInput {
  readonly id: string;
  readonly force?: boolean | null;
  readonly idempotencyKey?: string | null;
}

const sentence = z.string().max(1_000, 'At most 1,000 characters.').nullish();
const TaskAnswerChecks = z.object({
  message: sentence,
  parts: z
    .array(
      z.object({
        part: z.string().min(1, 'Must not be empty.').max(400, 'At most 400 characters.'),
        refusal: sentence,
      }),
    )
    .max(1_000, 'At most 1,000 parts.')
    .nullish(),
});

/** What each mutation asks, and what it asks with `force` where that differs. */
const MUTATIONS: Readonly<Record<string, readonly [Command, Command?]>> = {
  lockHost: ['LOCK', 'FORCE_LOCK'],
  unlockHost: ['UNLOCK', 'FORCE_UNLOCK'],
  swactHost: ['SWACT', 'FORCE_SWACT'],
  rebootHost: ['REBOOT'],
  resetHost: ['RESET'],
  powerOnHost: ['POWER_ON'],
  powerOffHost: ['POWER_OFF'],
  reinstallHost: ['REINSTALL'],
  deleteHost: ['DELETE'],
};

export function lifecycleResolvers({ region, dataSource, lifecycle }: LifecycleResolverDeps): Resolvers {
  const commandOf =
    ([plain, forced]: readonly [Command, Command?]) =>
    (_: unknown, { input: { id, force, idempotencyKey } }: { input: CommandInput }) =>
      lifecycle.command(localId(region, id), force === true ? (forced ?? plain) : plain, idempotencyKey);
  return {
    Query: {
      hostJob: (_: unknown, { id }: { id: string }) => {
        const local = localUuid(region, id);
        return local === null ? null : findJob(dataSource, local);
      },
    },
    Mutation: {
      ...Object.fromEntries(Object.entries(MUTATIONS).map(([name, commands]) => [name, commandOf(commands)])),
      reportTask: async (_: unknown, { input }: { input: TaskAnswer }) => {
        const id = localId(region, input.id);
        const userErrors = inputErrors(TaskAnswerChecks, input);
        if (userErrors.length === 0) await lifecycle.answerTask({ ...input, id });
        return { userErrors };
      },
    },
    Host: {
      controllerRole: controllerRoleOf,
      actions: async (host: HostRow, _: unknown, context: InventoryContext) =>
        (await context.actionsByHost.load(host)).map(({ action, refusal }) => ({
          action,
          allowed: refusal === null,
          refusal: refusal?.message ?? null,
        })),
      jobs: async ({ id }: HostRow, args: PageArguments, context: InventoryContext) => {
        const page = pageOf(args, ['instant', 'uuid']);
        return connectionOf({ ...(await context.jobsByHost.load({ id, page })), page, keyOf: keyOfJob });
      },
    },
    HostJob: {
      id: ({ id }: HostJobRow) => makeId(region, id),
      host: ({ hostId }: HostJobRow, _: unknown, context: InventoryContext) => context.hostById.load(hostId),
    },
  };
}
