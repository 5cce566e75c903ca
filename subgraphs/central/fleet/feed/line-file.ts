// Lines that wait for a slow reader: in memory while they are few, else in a file of the temporary folder that nobody else
// sees and that goes with the process.
import fs, { type FileHandle } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface LineFile {
  append(lines: readonly string[]): Promise<void>;
  /** All lines in order, once; reading to the end or breaking off removes the file. */
  lines(): AsyncGenerator<string>;
  /** For who will not read it. */
  close(): Promise<void>;
}

const IN_MEMORY = 1_000; // lines

export async function openLineFile(prefix: string): Promise<LineFile> {
  let few: string[] = [];
  let file: TemporaryFile | undefined;
  const close = async (): Promise<void> => {
    few = [];
    await file?.remove();
    file = undefined;
  };
  return {
    close,
    append: async lines => {
      if (!file && few.length + lines.length <= IN_MEMORY) return void few.push(...lines);
      file ??= await openTemporary(prefix);
      await file.handle.appendFile(`${[...few, ...lines].join('\n')}\n`);
      few = [];
    },
    lines: async function* () {
      try {
        if (!file) return yield* few;
        yield* linesOf(file.handle);
      } finally {
        await close();
      }
    },
  };
}

/** Node's own readers of lines also break them at characters that JSON may hold (U+2028). */
async function* linesOf(handle: FileHandle): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

interface TemporaryFile {
  readonly handle: FileHandle;
  remove(): Promise<void>;
}

async function openTemporary(prefix: string): Promise<TemporaryFile> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), prefix));
  const handle = await fs.open(path.join(folder, 'lines'), 'a+', 0o600);
  const removed = fs.rm(folder, { recursive: true, force: true }); // the open file stays readable, also after a kill
  removed.catch(() => undefined); // where an open file cannot be removed: below
  return {
    handle,
    remove: async () => {
      await removed.catch(() => undefined);
      await handle.close();
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}
