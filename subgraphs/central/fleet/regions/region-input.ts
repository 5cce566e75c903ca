// Checks what operators say of regions beyond what the SDL can say.
import { z } from 'zod';
import { REGION_ID } from '../../../../schema/identity.ts';

const short = z.string().min(1, 'Must not be empty.').max(255, 'At most 255 characters.');

const endpoint = z
  .url({ protocol: /^https?$/, error: 'An endpoint is an http or https address: http://10.0.0.5:4101/paris-1.' })
  .max(1_000, 'At most 1,000 characters.');

const details = {
  name: short.nullish(),
  description: z.string().max(1_000, 'At most 1,000 characters.').nullish(),
  group: short.nullish(),
  location: z
    .object({
      label: short.nullish(),
      latitude: z.number().min(-90, 'Degrees north are -90 to 90.').max(90, 'Degrees north are -90 to 90.').nullish(),
      longitude: z
        .number()
        .min(-180, 'Degrees east are -180 to 180.')
        .max(180, 'Degrees east are -180 to 180.')
        .nullish(),
    })
    .nullish(),
  labels: z
    .array(z.object({ key: short, value: z.string().max(255, 'At most 255 characters.') }))
    .max(64, 'At most 64 labels.')
    .nullish(),
};

/** The door's path is the region's id: it keeps a typing error from joining one region under the name of another. */
const isDoorOf = (input: { readonly id: string; readonly endpoint?: string | null | undefined }): boolean =>
  !URL.canParse(input.endpoint ?? '') || new URL(input.endpoint!).pathname.replace(/\/$/, '') === `/${input.id}`;
const DOOR_RULE = {
  error: "The endpoint's path must be the region's id: http://10.0.0.5:4101/paris-1.",
  path: ['endpoint'],
};

export const AddRegionChecks = z
  .object({
    id: z
      .string()
      .regex(REGION_ID, 'A region id has 1 to 63 lower-case letters, digits and dashes; no dash at an end.'),
    endpoint,
    ...details,
  })
  .refine(isDoorOf, DOOR_RULE);

export const UpdateRegionChecks = z
  .object({ id: z.string(), endpoint: endpoint.nullish(), ...details })
  .refine(isDoorOf, DOOR_RULE);
