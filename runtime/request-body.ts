// Reads a request's body whole, up to a limit. What is above it is read too, and thrown away: a connection whose request
// was left half read would answer no further one.
import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`The request is larger than ${limitBytes} bytes.`);
    this.name = 'BodyTooLarge';
    this.limitBytes = limitBytes;
  }
}

export async function readBody(req: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (size > limitBytes) throw new BodyTooLarge(limitBytes);
  return Buffer.concat(chunks).toString('utf8');
}
