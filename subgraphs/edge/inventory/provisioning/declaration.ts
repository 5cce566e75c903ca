// What an operator says of a host before it is there: its name, its role, how it is reached and installed. Checked as
// StarlingX checks it (shared/domain/starlingx-model.md, a.5 to a.7). Pure.
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Personality } from '../hosts/host.ts';

export const BMC_TYPES = ['DYNAMIC', 'IPMI', 'REDFISH'] as const;
export type BmcType = (typeof BMC_TYPES)[number];

/** How the board management controller is reached; its password is kept apart and never told. */
export interface Bmc {
  readonly type: BmcType;
  readonly ip: string;
  readonly username: string;
}

/** How a host is installed; StarlingX's defaults are INSTALL_DEFAULTS. */
export interface InstallParameters {
  readonly bootDevice: string;
  readonly rootfsDevice: string;
  readonly hwSettle: number;
  readonly installOutput: 'TEXT' | 'GRAPHICAL';
  readonly console: string;
  readonly tboot: string;
  readonly vscControllers: string;
  readonly apparmor: 'ENABLED' | 'DISABLED';
  /** Release to install, `24.09` or `24.09.1`; empty is the region's own. */
  readonly softwareVersion: string;
}

export const INSTALL_DEFAULTS: InstallParameters = {
  bootDevice: '/dev/sda',
  rootfsDevice: '/dev/sda',
  hwSettle: 0,
  installOutput: 'TEXT',
  console: 'ttyS0,115200',
  tboot: '',
  vscControllers: '',
  apparmor: 'DISABLED',
  softwareVersion: '',
};

/** Fields that are undefined were not said: what is known of the host stays. */
export interface Declaration {
  readonly managementMac: string;
  readonly hostname?: string | undefined;
  readonly personality: Personality;
  readonly subfunctions?: readonly string[] | undefined;
  readonly managementIp?: string | undefined;
  readonly location?: string | undefined;
  /** Null takes the board management controller away. */
  readonly bmc?: Bmc | null | undefined;
  readonly bmcPassword?: string | undefined;
  readonly install: { readonly [Field in keyof InstallParameters]?: InstallParameters[Field] | undefined };
  /** To be switched on by its BMC. Noted and told, not carried out. */
  readonly powerOn?: boolean | undefined;
}

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const DEVICE = /^(\/dev\/)?[A-Za-z0-9][A-Za-z0-9:._/-]{0,250}$/;
const text = (max: number) => z.string().max(max, `At most ${max} characters.`);
const device = z
  .string()
  .regex(DEVICE, 'A device is a node such as sda or /dev/sda, or a path such as /dev/disk/by-path/….')
  .refine(value => !value.includes('..'), 'A device path goes no way back.');
const ip = z.string().refine(value => isIP(value) !== 0, 'Not an IPv4 or IPv6 address.');

export const OF_NO_PORT = 'No port has this MAC address: it is all zeros, multicast or broadcast.';

/** The lowest bit of the first byte tells addresses of groups (IEEE 802). */
export const isOfOnePort = (mac: string): boolean =>
  mac !== '00:00:00:00:00:00' && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;

export const HOSTNAME = z.string().regex(/^[\w.-]{1,255}$/, 'A hostname has 1 to 255 letters, digits, - _ and dots.');

export const DeclarationChecks = z.object({
  managementMac: z
    .string('A host is known by its management MAC address: it is missing.')
    .transform(value => value.toLowerCase())
    .pipe(
      z
        .string()
        .regex(MAC, 'A MAC address is six pairs of hexadecimal digits with colons.')
        .refine(isOfOnePort, OF_NO_PORT),
    ),
  hostname: HOSTNAME.optional(),
  personality: z.enum(
    ['CONTROLLER', 'WORKER', 'STORAGE', 'EDGEWORKER'],
    'The personality is one of controller, worker, storage, edgeworker.',
  ),
  subfunctions: z
    .array(
      z.enum(
        ['controller', 'worker', 'storage', 'lowlatency'],
        'A subfunction is one of controller, worker, storage, lowlatency.',
      ),
    )
    .optional(),
  managementIp: ip.optional(),
  location: text(255).optional(),
  bmc: z
    .object({
      type: z.enum(BMC_TYPES, 'The BMC type is one of none, dynamic, ipmi, redfish.'),
      ip: z.string('A BMC needs its address.').pipe(ip),
      username: z
        .string('A BMC needs a user name.')
        .regex(/^\S{1,16}$/, 'A BMC user name has 1 to 16 characters without spaces.'),
    })
    .nullish(),
  bmcPassword: text(255).optional(),
  install: z.object({
    bootDevice: device.optional(),
    rootfsDevice: device.optional(),
    hwSettle: z.number('Seconds, a whole number.').int().min(0).max(3_600, 'At most 3,600 seconds.').optional(),
    installOutput: z.enum(['TEXT', 'GRAPHICAL'], 'The install output is text or graphical.').optional(),
    console: text(64)
      .regex(/^[\w,]*$/, 'A console is a device and its speed: ttyS0,115200.')
      .optional(),
    tboot: text(64).optional(),
    vscControllers: text(255).optional(),
    apparmor: z.enum(['ENABLED', 'DISABLED'], 'AppArmor is enabled or disabled.').optional(),
    softwareVersion: z
      .string()
      .regex(/^\d{2}\.\d{2}(\.\d{1,3})?$/, 'A software version is MM.mm or MM.mm.pp: 24.09.1.')
      .optional(),
  }),
  powerOn: z.boolean().optional(),
});
