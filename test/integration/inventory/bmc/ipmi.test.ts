// IPMI by a program that stands in for ipmitool: how it is called, what is made of its answers, and what it is not told.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { KnownAccess } from '../../../../subgraphs/edge/inventory/bmc/bmc-access.ts';
import type { BoardController } from '../../../../subgraphs/edge/inventory/bmc/board-controller.ts';
import { type OpenDeps, openIpmi, protocolOf } from '../../../../subgraphs/edge/inventory/bmc/open-controller.ts';
import { bmcSettings, PASSWORD, soon } from './bmc-house.ts';

let folder: string;
let tool: string;
let access: KnownAccess;
let deps: OpenDeps;
let ipmi: BoardController;
const folders: string[] = [];
afterAll(() => Promise.all(folders.map(one => rm(one, { recursive: true }))));

/** Notes how it was called, and has a power state of its own. */
const STAND_IN = (at: string) => `#!/bin/sh
echo "$@" >> ${at}/calls
env > ${at}/environment
while [ $# -gt 0 ] && [ "$1" != "-E" ]; do shift; done
shift
case "$*" in
  "chassis power status") echo "Chassis Power is $(cat ${at}/power)" ;;
  "chassis power on") echo on > ${at}/power ;;
  "chassis power off") echo off > ${at}/power ;;
  "chassis bootdev"*) ;;
  sensor) echo "FAN1 | 300.000 | RPM | cr | 100.000 | 300.000 | 500.000 | na | na | na" ;;
  "sel list") echo "1 | 11/22/2026 | 15:22:13 | Fan | Lower Critical | Asserted" ;;
  "chassis power cycle") echo "RAKP 2 HMAC is invalid for $IPMI_PASSWORD" >&2; exit 1 ;;
  *) echo "IANA PEN registry open failed: No such file
Error: Unable to establish IPMI v2 / RMCP+ session" >&2; exit 1 ;;
esac
`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ipmitool-'));
  folders.push(folder);
  tool = path.join(folder, 'ipmitool');
  await writeFile(tool, STAND_IN(folder));
  await chmod(tool, 0o755);
  await writeFile(path.join(folder, 'power'), 'on\n');
  access = {
    hostId: '00000000-0000-4000-8000-000000000001',
    hostname: 'compute-0',
    serialNumber: null,
    type: 'IPMI',
    ip: '127.0.0.8',
    username: 'operator',
    sealedPassword: null,
    url: null,
    protocol: null,
    fingerprint: null,
  };
  deps = {
    settings: bmcSettings({ ipmitool: tool }),
    authorities: null,
    password: PASSWORD,
    session: null,
    rememberSession: async () => undefined,
    rememberFingerprint: () => undefined,
    pauseMs: () => 10,
  };
  ipmi = openIpmi(access, deps);
});

test('power, boot from the network, sensors and log', async () => {
  expect(await ipmi.power(soon())).toBe('ON');
  await ipmi.act('FORCE_OFF', soon());
  expect(await ipmi.power(soon())).toBe('OFF');
  await ipmi.act('RESET', soon()); // it is off: switched on
  expect(await ipmi.power(soon())).toBe('ON');
  await ipmi.bootOnce('PXE', soon());
  expect(await ipmi.sensors(soon())).toMatchObject([{ name: 'FAN1', reading: 300, said: 'MAJOR' }]);
  expect(await ipmi.log(() => false, soon())).toMatchObject({ total: 1, entries: [{ id: '1' }] });
  expect(await ipmi.log(id => id === '1', soon())).toMatchObject({ total: 1, entries: [] });
  const calls = await readFile(path.join(folder, 'calls'), 'utf8');
  expect(calls.split('\n')[0]).toBe('-I lanplus -H 127.0.0.8 -U operator -E chassis power status');
  expect(calls).toContain('chassis bootdev pxe options=efiboot');
});

test('the password goes by the environment, which holds nothing of ours beside it', async () => {
  await ipmi.power(soon());
  expect(await readFile(path.join(folder, 'calls'), 'utf8')).not.toContain(PASSWORD);
  const environment = await readFile(path.join(folder, 'environment'), 'utf8');
  expect(environment).toContain(`IPMI_PASSWORD=${PASSWORD}`);
  expect(environment).not.toMatch(/^(MURMUR_|NODE_|VITEST)/m);
});

test('a refused login is UNAUTHORIZED, without what ipmitool printed of the password', async () => {
  const error = await ipmi.act('CYCLE', soon()).catch(failure => failure);
  expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('invalid for ***') });
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(PASSWORD);
});

test('a BMC that lets nobody in may be away, and is asked again', async () => {
  const error = await ipmi.act('RESET', soon()).catch(failure => failure);
  expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(/reset in: Error: Unable/) });
});

test('without ipmitool it says what to install', async () => {
  const none = openIpmi(access, { ...deps, settings: bmcSettings({ ipmitool: path.join(folder, 'none') }) });
  await expect(none.power(soon())).rejects.toMatchObject({
    code: 'NO_TOOL',
    message: expect.stringContaining('install ipmitool'),
  });
});

test('a DYNAMIC BMC without Redfish speaks IPMI, and is not asked again', async () => {
  const dynamic = { ...access, type: 'DYNAMIC' as const };
  expect(await protocolOf(dynamic, deps, soon())).toBe('IPMI');
  await writeFile(path.join(folder, 'calls'), '');
  expect(await protocolOf({ ...dynamic, protocol: 'IPMI' }, deps, soon())).toBe('IPMI');
  expect(await readFile(path.join(folder, 'calls'), 'utf8')).toBe('');
});
