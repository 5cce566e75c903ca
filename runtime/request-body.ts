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

/** By events: the async iterator of a stream costs more than all the rest of reading a small request. */
export function readBody(req: IncomingMessage, limitBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) chunks.length = 0;
      else chunks.push(chunk);
    });
    req.once('end', () => {
      if (size > limitBytes) reject(new BodyTooLarge(limitBytes));
      else resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8'));
    });
    req.once('error', reject);
    req.once('close', () => reject(new Error('it broke off'))); // nothing, once it has ended
  });
}
