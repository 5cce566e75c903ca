// Bounds of the hardware in an agent's report, beyond what the SDL can say.
import { z } from 'zod';

const LONGEST = 255;

/** A list of at most so many things, in which no text is longer than a name may be. */
const things = (most: number, what: string) =>
  z
    .array(z.unknown())
    .max(most, `At most ${most.toLocaleString('en')} ${what}.`)
    .superRefine((list, context) => {
      const path = longText(list);
      if (path) context.addIssue({ code: 'custom', message: `At most ${LONGEST} characters.`, path });
    });

export const HardwareChecks = z.object({
  cpu: z.object({
    model: z.string().max(LONGEST, `At most ${LONGEST} characters.`),
    logicalCpus: z.array(z.unknown()).max(4_096, 'At most 4,096 logical CPUs.').nullish(),
  }),
  memory: things(64, 'NUMA nodes'),
  ports: things(1_024, 'ports'),
  disks: things(1_024, 'disks'),
  devices: things(1_024, 'devices'),
  interfaces: things(1_024, 'interfaces').nullish(),
  volumeGroups: things(256, 'volume groups').nullish(),
  sensors: things(1_024, 'sensors').nullish(),
});

/** Most that one thing may hold: partitions of a disk, logical volumes of a group, addresses of an interface. */
const MOST_PARTS = 1_024;

/** Where the first text or list that is too long is; null for none. Reports are no deeper than the SDL. */
function longText(value: unknown, at: (string | number)[] = []): (string | number)[] | null {
  if (typeof value === 'string') return value.length > LONGEST ? at : null;
  if (typeof value !== 'object' || value === null) return null;
  if (at.length > 0 && Array.isArray(value) && value.length > MOST_PARTS) return at;
  for (const [key, part] of Object.entries(value)) {
    const found = longText(part, [...at, Array.isArray(value) ? Number(key) : key]);
    if (found) return found;
  }
  return null;
}
