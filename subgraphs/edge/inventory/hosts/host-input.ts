// Checks what comes in from operators and agents beyond what the SDL can say: lengths and formats.
import { z } from 'zod';
import { SimulatedBmcChecks } from '../bmc/simulated-bmc.ts';
import { HardwareChecks } from '../hardware/hardware-input.ts';
import { isOfOnePort, OF_NO_PORT } from '../provisioning/declaration.ts';

const LABEL_KEY = /^([a-zA-Z0-9.-]{1,253}\/)?[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/;
const MAC = /^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/;

export const UpdateHostChecks = z.object({
  labels: z
    .array(
      z.object({
        key: z
          .string()
          .regex(LABEL_KEY, 'A label key has at most 63 letters, digits, - _ . and may have a prefix before one /.'),
        value: z.string().max(255, 'A label value has at most 255 characters.'),
      }),
    )
    .max(64, 'A host has at most 64 labels.')
    .refine(labels => new Set(labels.map(l => l.key)).size === labels.length, 'A label key may appear only once.')
    .nullish(),
});

const short = z.string().max(255, 'At most 255 characters.');

export const ReportHostChecks = z
  .object({
    identity: short.min(1, 'Must not be empty.'),
    hostname: short.regex(/^[\w.-]+$/, 'A hostname has letters, digits, - _ and dots only.').nullish(),
    subfunctions: z.array(short.min(1, 'Must not be empty.')).max(8, 'At most 8 subfunctions.').nullish(),
    managementMac: z.string().regex(MAC, 'A MAC address is six pairs of hexadecimal digits with colons.').nullish(),
    managementIp: short.nullish(),
    serialNumber: short.nullish(),
    manufacturer: short.nullish(),
    productName: short.nullish(),
    uptimeSeconds: z.number().min(0, 'Must not be negative.'),
    bootId: short.nullish(),
    ...HardwareChecks.shape,
    simulated: z.boolean(),
    simulatedBmc: SimulatedBmcChecks.nullish(),
  })
  .refine(report => report.simulated || !report.simulatedBmc, {
    path: ['simulatedBmc'],
    error: 'Only a simulated host has a simulated BMC: declare a real one with addHost or importHosts.',
  });

export const ReportBootChecks = z.object({
  macs: z
    .array(
      z
        .string()
        .regex(MAC, 'A MAC address is six pairs of hexadecimal digits with colons.')
        .refine(isOfOnePort, OF_NO_PORT),
    )
    .min(1, 'A boot report names at least one MAC address: that of the port that boots first.')
    .max(64, 'At most 64 MAC addresses.'),
});
