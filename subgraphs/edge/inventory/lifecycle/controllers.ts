// Which of a region's controllers runs it, and when the other one takes over. Pure.
import type { ControllerRow } from './lifecycle-store.ts';

/** Of a region, as in StarlingX. */
export const MOST_CONTROLLERS = 2;

/**
 * The controller that is active from now on; null in a region without one. The active one stays while it is enabled; when
 * it is not, an enabled one takes over; when there is none, nobody does: a region that waits for its controller keeps it.
 */
export function activeOf(
  controllers: readonly Pick<ControllerRow, 'id' | 'operational' | 'activeController'>[],
): string | null {
  const active = controllers.find(({ activeController }) => activeController === true);
  const isEnabled = ({ operational }: Pick<ControllerRow, 'operational'>): boolean => operational === 'ENABLED';
  if (active && isEnabled(active)) return active.id;
  return controllers.find(isEnabled)?.id ?? active?.id ?? null;
}
