// Secrets are sealed with a key that lies in a file of its own.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecretBox } from '../../../subgraphs/edge/inventory/bmc/secret-box.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (name = 'lagos-1.key') => path.join(folder, 'keys', name);

test('what was sealed is opened by whoever has the key, and by nobody else', async () => {
  const sealed = await openSecretBox(file()).seal('s3cret');
  expect(sealed).not.toContain('s3cret');
  expect(await openSecretBox(file()).open(sealed)).toBe('s3cret');
  expect(await openSecretBox(file('other.key')).open(sealed)).toBeNull();
  const changed = Buffer.from(sealed, 'base64');
  changed[changed.length - 1]! ^= 1;
  expect(await openSecretBox(file()).open(changed.toString('base64'))).toBeNull();
  expect(await openSecretBox(file()).open('')).toBeNull();
});

test('the same text is sealed another way each time', async () => {
  const box = openSecretBox(file());
  expect(await box.seal('a')).not.toBe(await box.seal('a'));
});

test("the key is its owner's alone, made once however many ask, and leaves no draft behind", async () => {
  const boxes = Array.from({ length: 8 }, () => openSecretBox(file()));
  const sealed = await Promise.all(boxes.map(box => box.seal('a')));
  for (const text of sealed) expect(await boxes[0]!.open(text)).toBe('a');
  expect(await readdir(path.join(folder, 'keys'))).toEqual(['lagos-1.key']);
  expect((await stat(file())).mode & 0o077).toBe(0);
});

test('a file that holds no key is named, and left as it is', async () => {
  await openSecretBox(file()).seal('a');
  await writeFile(file(), '');
  await expect(openSecretBox(file()).seal('a')).rejects.toThrow(`${file()} holds no key`);
});
