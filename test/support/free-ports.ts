// Ports for the parts that tests and benches start. They lie below those that systems give to connections (Linux from
// 32768, others from 49152), and the same UDP port is held as long as this process lives: two processes never choose
// the same, and nothing takes a port between its choice and its use, or while the part that has it is restarted.
import dgram from 'node:dgram';
import { portState } from '../../launcher/ports.ts';

const FIRST = 10_000;
const LAST = 32_000;

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!;

/** One after the other, so that the first of them may be the base of a range. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const base = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, i) => base + i);
    const claims = await Promise.all(ports.map(claim));
    const states = await Promise.all(ports.map(port => portState('127.0.0.1', port)));
    if (claims.every(claim => claim) && states.every(state => state === 'free')) return ports;
    for (const claim of claims) claim?.close();
  }
}

const claim = (port: number): Promise<dgram.Socket | undefined> =>
  new Promise(resolve => {
    const socket = dgram.createSocket('udp4').unref();
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(socket));
  });
