// Starts the processes of a planned stack in their order, makes the regions known and waits until they are in contact.
import { authHeaders, type Config } from '../runtime/config.ts';
import { addRegions, waitOnline } from './register.ts';
import type { Screen } from './screen.ts';
import { gatewayOf, type PartKind, type PartPlan, type StackPlan } from './stack-plan.ts';
import type { Supervisor } from './supervisor.ts';

export interface StartParts {
  readonly supervisor: Supervisor;
  readonly plan: StackPlan;
  readonly config: Config;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

const ONLINE_WITHIN_MS = 30_000;
const ONLINE_POLL_MS = 300;

export async function startParts(work: StartParts): Promise<void> {
  const { plan, config, screen } = work;
  await startKinds(work, ['fleet', 'region', 'gateway']); // none of them needs another one to be ready
  const fleet = { url: `${config.fleet.url}/graphql`, headers: authHeaders(config) };
  const known = `${plan.regions.length === 1 ? '1 region' : `${plan.regions.length} regions`} known to the centre`;
  await screen.step(
    'regions made known',
    () => addRegions(fleet, plan.doors),
    () => known,
  );
  await startKinds(work, ['agent']); // they report to the regions' doors
  await waitForContact(work);
}

async function startKinds({ supervisor, plan, screen }: StartParts, kinds: readonly PartKind[]): Promise<void> {
  const start = (part: PartPlan): Promise<void> =>
    screen.step(
      part.name,
      () => supervisor.start(part),
      () => (part.url ? `${part.name} on ${new URL(part.url).port}` : part.name),
    );
  await Promise.all(plan.parts.filter(part => kinds.includes(part.kind)).map(start));
}

async function waitForContact({ plan, config, screen, signal }: StartParts): Promise<void> {
  const gateway = { url: `${gatewayOf(plan)}/graphql`, headers: authHeaders(config) };
  const missing = await screen.step(
    'first contact',
    () => waitOnline(gateway, { regions: plan.regions, withinMs: ONLINE_WITHIN_MS, everyMs: ONLINE_POLL_MS, signal }),
    late => (late.length === 0 ? 'all regions ONLINE' : `not all regions are ONLINE yet: ${late.join(', ')}`),
  );
  if (missing.length > 0) screen.warn('The stack stays up; a region joins as soon as it is heard of. Look at its log.');
}
