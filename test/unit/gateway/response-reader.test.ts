import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadResponse } from '../../../gateway/transport/bad-response.ts';
import { type HttpResponse, responseReader } from '../../../gateway/transport/response-reader.ts';

const LIMIT = 1_000; // bytes

/** The response that the bytes make when they come in pieces of these sizes, the last piece being the rest. */
function read(
  text: string,
  sizes: readonly number[] = [],
  ends = false,
): (HttpResponse & { readonly text: string }) | null {
  const reader = responseReader();
  reader.begin(LIMIT);
  let left = Buffer.from(text);
  let response: HttpResponse | null = null;
  for (const size of [...sizes, left.length]) {
    if (response) break;
    response = reader.push(left.subarray(0, size));
    left = left.subarray(size);
  }
  const whole = response ?? (ends ? reader.end() : null);
  return whole && { ...whole, text: whole.body.toString() };
}

const chunked = (...chunks: string[]): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks
    .map(chunk => `${Buffer.byteLength(chunk).toString(16)};x=y\r\n${chunk}\r\n`)
    .join('')}0\r\nTrailer: t\r\n\r\n`;
const sized = (body: string, ...headers: string[]): string =>
  ['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');

describe('a response', () => {
  it('is framed by its length', () => {
    expect(read(sized('{"data":"gr\u00fc\u00df"}'))).toMatchObject({
      status: 200,
      text: '{"data":"gr\u00fc\u00df"}',
      reusable: true,
    });
    expect(read(sized(''))).toMatchObject({ text: '', reusable: true });
    expect(read(sized('abc').slice(0, -1), [], true)).toBeNull();
  });

  it('is framed by chunks, with their extensions and trailers read over', () => {
    expect(read(chunked('{"da', 'ta":1}'))).toMatchObject({ text: '{"data":1}', reusable: true });
    expect(read(chunked('abc').slice(0, -2), [], true)).toBeNull();
  });

  it('is framed by the end of the connection when nothing else tells it', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nabc';
    expect(read(text)).toBeNull();
    expect(read(text, [], true)).toMatchObject({ text: 'abc', reusable: false });
  });

  it('has no body when its status says so', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, text: '', reusable: true });
    expect(read('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n')).toMatchObject({ text: '', reusable: true });
  });

  it('comes after any number of 1xx', () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
    expect(read(`HTTP/1.1 100 Continue\r\n\r\n${early}${sized('abc')}`)).toMatchObject({ status: 200, text: 'abc' });
  });

  it('is the same in whatever pieces it comes', () => {
    const whole = fc.constantFrom(
      sized('{"data":"gr\u00fc\u00df \u{1F426}"}', 'Keep-Alive: timeout=5'),
      chunked('{"data":"gr\u00fc', '\u00df \u{1F426}', '"}'),
      `HTTP/1.1 100 Continue\r\n\r\n${sized('abc')}`,
    );
    fc.assert(
      fc.property(whole, fc.array(fc.integer({ min: 0, max: 30 })), (text, sizes) => {
        expect(read(text, sizes)).toEqual(read(text));
        expect(read(text)).not.toBeNull();
      }),
    );
  });
});

describe('the connection after a response', () => {
  it.each<[string, string, boolean]>([
    ['stays', sized('a'), true],
    ['goes when it says so', sized('a', 'Connection: Close'), false],
    ['goes when that is one of several options', sized('a', 'connection: x, close'), false],
    ['goes after HTTP/1.0', sized('a').replace('1.1', '1.0'), false],
    ['stays after HTTP/1.0 that says so', sized('a', 'Connection: keep-alive').replace('1.1', '1.0'), true],
    ['goes when bytes follow the body', `${sized('a')}b`, false],
    ['goes when bytes follow the last chunk', `${chunked('a')}b`, false],
  ])('%s', (_what, text, reusable) => {
    expect(read(text)).toMatchObject({ text: 'a', reusable });
  });

  it('stays as long as the other side says', () => {
    expect(read(sized('a', 'Keep-Alive: timeout=5, max=100'))?.keepAliveMs).toBe(5_000);
    expect(read(sized('a', 'Keep-Alive: max=100'))?.keepAliveMs).toBeNull();
  });
});

describe('what breaks HTTP is refused, never guessed at', () => {
  const head = (...lines: string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
  const chunk = (text: string): string => `${head('Transfer-Encoding: chunked')}${text}`;
  it.each<[string, string, RegExp]>([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', /no HTTP/],
    ['garbage', '\0\u0001\u0002\r\n\r\n', /no HTTP/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', /no HTTP/],
    ['two lengths', `${head('Content-Length: 1', 'Content-Length: 2')}ab`, /length .* wrongly/],
    ['a negative length', head('Content-Length: -1'), /length .* wrongly/],
    ['a length in hex', head('Content-Length: 0x10'), /length .* wrongly/],
    ['a length and chunks', head('Content-Length: 1', 'Transfer-Encoding: chunked'), /in two ways/],
    ['another transfer coding', head('Transfer-Encoding: gzip, chunked'), /transfer coding/],
    ['a content coding that nobody offered', head('Content-Encoding: gzip', 'Content-Length: 1'), /coding gzip/],
    ['a folded header', head('X: 1', ' folded'), /broken header/],
    ['a header without a colon', head('X'), /broken header/],
    ['a space before the colon of nothing', head(': x'), /broken header/],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /changed the protocol/],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`, /head of more than/],
    ['1xx without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000), /head of more than/],
    ['a length beyond the bound', head(`Content-Length: ${LIMIT + 1}`), /more than 1000 bytes/],
    ['chunks beyond the bound', chunk('3e9\r\n'), /more than 1000 bytes/],
    ['a body without length beyond the bound', `${head()}${'x'.repeat(LIMIT + 1)}`, /more than 1000 bytes/],
    ['a chunk without a size', chunk('x\r\n'), /without a size/],
    ['a chunk with a huge size', chunk('fffffffff\r\n'), /without a size/],
    ['a chunk that is longer than it said', chunk('1\r\nab\r\n'), /longer than it said/],
    ['a chunk whose size ends without CR', chunk('1\na\r\n'), /ends wrongly/],
    ['a chunk head without end', chunk(`1;${'x'.repeat(5_000)}`), /does not end/],
    ['trailers without end', chunk(`0\r\n${'X: y\r\n'.repeat(1_000)}`), /does not end/],
  ])('%s', (_what, text, reason) => {
    expect(() => read(text)).toThrow(BadResponse);
    expect(() => read(text)).toThrow(reason);
    expect(() => read(text, new Array(text.length).fill(1))).toThrow(reason);
  });
});
