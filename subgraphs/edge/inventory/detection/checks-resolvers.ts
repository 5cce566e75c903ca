// The agents' door for checks of processes and ports, and what is wrong with a host for whoever asks.
import { z } from 'zod';
import { makeId } from '../../../../schema/identity.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { localId } from '../../own-region.ts';
import type { InventoryContext } from '../context.ts';
import type { CheckService } from './check-service.ts';
import type { HostChecks } from './host-checks.ts';

const MOST = 500;

const name = (pattern: RegExp) =>
  z.string().min(1, 'Must not be empty.').max(100, 'At most 100 characters.').regex(pattern, 'Has other characters.');

/** Names become part of an alarm's entity: a dot with a key and an equals sign behind it would begin another part. */
const NAME = /^[\w.-]+$/;
const PORT_NAME = /^[\w.:@-]+$/;

/** PostgreSQL takes a key once a statement; and two states of one process are none. */
const distinct = <T extends { readonly name: string }>(list: readonly T[]): boolean =>
  new Set(list.map(item => item.name)).size === list.length;

const ChecksChecks = z.object({
  hosts: z
    .array(
      z.object({
        processes: z
          .array(z.object({ name: name(NAME), restarts: z.number().min(0, 'Must not be negative.') }))
          .max(MOST, `At most ${MOST} processes.`)
          .refine(distinct, 'Names a process twice.'),
        ports: z
          .array(z.object({ name: name(PORT_NAME), interface: name(PORT_NAME).nullish() }))
          .max(MOST, `At most ${MOST} ports.`)
          .refine(distinct, 'Names a port twice.'),
      }),
    )
    .max(1_000, 'At most 1,000 hosts in one report.'),
});

export const checkResolvers = (region: string, checks: CheckService): Resolvers => ({
  Mutation: {
    reportHostChecks: async (_: unknown, { input }: { input: { hosts: readonly HostChecks[] } }) => {
      const userErrors = inputErrors(ChecksChecks, input);
      if (userErrors.length > 0) return { unknown: [], userErrors };
      const unknown = await checks.report(input.hosts.map(host => ({ ...host, id: localId(region, host.id) })));
      return { unknown: unknown.map(id => makeId(region, id)), userErrors: [] };
    },
  },
  Host: {
    conditions: ({ id }: { id: string }, _: unknown, context: InventoryContext) => context.conditionsByHost.load(id),
  },
});
