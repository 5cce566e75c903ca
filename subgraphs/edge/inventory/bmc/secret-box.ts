// Seals secrets before they go into the database, with a key that lies beside it in a file: whoever has only the
// database, or a copy of it, has no secret. AES-256-GCM.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

export interface SecretBox {
  seal(text: string): Promise<string>;
  /** Null when it was sealed with another key, or changed since. */
  open(sealed: string): Promise<string | null>;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** With the key in this file, which is made at its first use, readable by its owner only. */
export function openSecretBox(file: string): SecretBox {
  let read: Promise<Buffer> | undefined;
  const key = (): Promise<Buffer> => {
    read ??= keyIn(file).catch(error => {
      read = undefined;
      throw error;
    });
    return read;
  };
  return {
    seal: async text => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', await key(), nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open: async sealed => opened(Buffer.from(sealed, 'base64'), await key()),
  };
}

function opened(bytes: Buffer, key: Buffer): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

async function keyIn(file: string): Promise<Buffer> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const found = await readFile(file, 'utf8').catch(missing);
  const key = Buffer.from(found ?? (await newKeyIn(file)), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`${file} holds no key of ${KEY_BYTES} bytes in base64`);
  return key;
}

/** Whole and on disk before it has its name: what is sealed with it outlives a crash. Whoever else was first wins. */
async function newKeyIn(file: string): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
    await link(draft, file).catch(alreadyThere);
  } finally {
    await handle.close();
    await rm(draft);
  }
  return readFile(file, 'utf8');
}

const missing = (error: NodeJS.ErrnoException): null => {
  if (error.code !== 'ENOENT') throw error;
  return null;
};

const alreadyThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};
