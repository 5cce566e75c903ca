import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDoor } from '../../../runtime/http-door.ts';
import { openLines, readLines, StreamLost } from '../../../runtime/line-stream.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';

const left = leftovers();

/** A server that answers every request by hand. */
async function aServer(answer: (res: ServerResponse) => void): Promise<string> {
  const server = http.createServer((_req, res) => answer(res));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  left.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const linesOf = (url: string, signal = new AbortController().signal) =>
  readLines<unknown>({ url, headers: {}, signal });

/** The lines until the stream is lost, and why it was. */
async function readAll(url: string): Promise<{ lines: unknown[]; reason: string }> {
  const lines: unknown[] = [];
  try {
    for await (const line of linesOf(url)) lines.push(line);
  } catch (error) {
    if (error instanceof StreamLost) return { lines, reason: error.message };
    throw error;
  }
  throw new Error('a stream that ended without a reason');
}

describe('lines', () => {
  it('come as they were written, between a writer and a reader', async () => {
    const written = [{ a: 1 }, { text: 'zwei\nZeilen' }, [3]];
    const door = await openDoor({
      host: '127.0.0.1',
      port: 0,
      log: quiet,
      routes: [
        {
          path: '/lines',
          handle: async exchange => {
            const lines = openLines(exchange);
            for (const line of written) await lines.write(line);
            exchange.res.end();
          },
        },
      ],
    });
    left.add(() => door.close());
    expect(await readAll(`${door.origin}/lines`)).toEqual({ lines: written, reason: 'closed the connection' });
  });

  it('survive a boundary anywhere: within a line and within a character', async () => {
    const bytes = Buffer.from('{"n":"grün €😀"}\n\n{"n":2}\n');
    const url = await aServer(async res => {
      res.writeHead(200);
      for (const byte of bytes) {
        res.write(Buffer.of(byte));
        await new Promise(resolve => setImmediate(resolve));
      }
      res.end();
    });
    expect((await readAll(url)).lines).toEqual([{ n: 'grün €😀' }, { n: 2 }]);
  });

  it('that are not complete when the stream ends are not given', async () => {
    const url = await aServer(res => res.end('{"n":1}\n{"n":'));
    expect((await readAll(url)).lines).toEqual([{ n: 1 }]);
  });

  it('end with the reader: the writer is told', async () => {
    let closed: AbortSignal | undefined;
    const url = await aServer(res => {
      const lines = openLines({ res, closing: new AbortController().signal });
      closed = lines.closed;
      void lines.write({ n: 1 });
    });
    for await (const _ of linesOf(url)) break;
    await vi.waitFor(() => expect(closed?.aborted).toBe(true));
  });

  it('wait for a slow reader: a write resolves when it has taken the line', async () => {
    let writes = 0;
    const url = await aServer(async res => {
      const lines = openLines({ res, closing: new AbortController().signal });
      while (!lines.closed.aborted && writes < 1_000) {
        await lines.write({ text: 'x'.repeat(100_000) });
        writes++;
      }
    });
    const lines = linesOf(url);
    await lines.next();
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(writes).toBeLessThan(500);
    await lines.return(undefined);
    await vi.waitFor(() => expect(writes).toBeGreaterThan(0));
  });
});

describe('a stream is lost', () => {
  it('when it is refused', async () => {
    expect((await readAll('http://127.0.0.1:1')).reason).toBe('connection refused');
  });

  it('when it answers with another status', async () => {
    const url = await aServer(res => res.writeHead(503).end('busy'));
    expect((await readAll(url)).reason).toBe('answered with status 503');
  });

  it('when it is cut', async () => {
    const url = await aServer(res => {
      res.writeHead(200);
      res.write('{"n":1}\n', () => res.socket?.resetAndDestroy());
    });
    const { lines, reason } = await readAll(url);
    expect(lines).toEqual([{ n: 1 }]);
    expect(reason).toMatch(/^(connection reset|closed the connection|broke off its answer, or sent no HTTP)$/);
  });

  it('when a line is no JSON', async () => {
    const url = await aServer(res => res.end('{"n":1}\n<html>\n'));
    const { lines, reason } = await readAll(url);
    expect(lines).toEqual([{ n: 1 }]);
    expect(reason).toContain('JSON');
  });

  describe('when it is silent', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    it('after its last line', async () => {
      const url = await aServer(res => {
        res.writeHead(200);
        res.write('{"n":1}\n');
      });
      const lines = linesOf(url);
      expect(await lines.next()).toEqual({ done: false, value: { n: 1 } });
      const next = expect(lines.next()).rejects.toThrow('no heartbeat');
      await vi.advanceTimersByTimeAsync(4_000); // two heartbeats: not yet
      await vi.advanceTimersByTimeAsync(1_600);
      await next;
    });

    it('before it answers at all', async () => {
      let asked = (): void => undefined;
      const arrived = new Promise<void>(resolve => (asked = resolve));
      const url = await aServer(() => asked());
      const next = expect(linesOf(url).next()).rejects.toThrow(/^no (heartbeat|answer in time)$/);
      await arrived;
      await vi.advanceTimersByTimeAsync(5_600);
      await next;
    });

    it('but not while heartbeats come', async () => {
      let beat = (): void => undefined;
      const url = await aServer(res => {
        res.writeHead(200);
        beat = () => void res.write('{"beat":true}\n');
        beat();
      });
      const lines = linesOf(url);
      for (let i = 0; i < 4; i++) {
        expect(await lines.next()).toMatchObject({ value: { beat: true } });
        await vi.advanceTimersByTimeAsync(4_000);
        beat();
      }
      await lines.return(undefined);
    });
  });
});
