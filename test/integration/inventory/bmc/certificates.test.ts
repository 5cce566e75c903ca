// Whom a region trusts at the other end of HTTPS: an authority or a fingerprint, never just anybody.
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBmc, type BmcHouse, soon } from './bmc-house.ts';
import { CERTIFICATE, KEY } from './self-signed.ts';

let bmc: BmcHouse;
const own = new X509Certificate(CERTIFICATE).fingerprint256;
const other = own.replace(/^../, own.startsWith('00') ? '11' : '00');

beforeAll(async () => {
  bmc = await aBmc({}, { tls: { key: KEY, cert: CERTIFICATE } });
});
afterAll(() => bmc.close());

/** How asking for the power ended, and how many requests the BMC saw of it. */
async function outcome(options: Parameters<BmcHouse['open']>[0]): Promise<[string, number]> {
  const before = bmc.requests.length;
  const ended = await bmc
    .open(options)
    .power(soon())
    .catch(error => `${error.code}`);
  return [ended, bmc.requests.length - before];
}

test('a certificate that nobody vouches for is not trusted, and the BMC hears nothing', async () => {
  expect(await outcome({})).toEqual(['UNTRUSTED', 0]);
});

test('an authority of our own is', async () => {
  expect((await outcome({ authorities: [CERTIFICATE, ...rootCertificates].join('\n') }))[0]).toBe('ON');
});

test('a fingerprint is, in any spelling, and decides alone', async () => {
  const pinned = (fingerprint: string) => ({ settings: { tls: { fingerprints: { '127.0.0.1': fingerprint } } } });
  expect((await outcome(pinned(own)))[0]).toBe('ON');
  expect((await outcome(pinned(own.toLowerCase().replaceAll(':', ''))))[0]).toBe('ON');
  expect(await outcome({ ...pinned(other), authorities: CERTIFICATE })).toEqual(['UNTRUSTED', 0]);
});

test('on first use it is remembered, and another one is refused ever after', async () => {
  const settings = { tls: { trust: 'FIRST_USE' as const } };
  expect((await outcome({ settings }))[0]).toBe('ON');
  expect(bmc.fingerprints).toEqual([own]);
  expect((await outcome({ settings, access: { fingerprint: own } }))[0]).toBe('ON');
  expect(await outcome({ settings, access: { fingerprint: other } })).toEqual(['UNTRUSTED', 0]);
});
