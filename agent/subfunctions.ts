// What a host does, in StarlingX's words: its role, and `worker` beside it where a controller runs workloads too.
import type { Personality } from './report.ts';

export function subfunctionsOf(personality: Personality, runsWorkloads: boolean): string[] {
  const role = personality.toLowerCase();
  return personality === 'CONTROLLER' && runsWorkloads ? [role, 'worker'] : [role];
}
