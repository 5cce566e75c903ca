import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type PortWish, portProblems, portProblemsAfter } from '../../../launcher/ports.ts';
import { freePort } from '../../support/free-ports.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function aTakenPort(): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer();
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as net.AddressInfo).port, server };
}

const aWish = (changes: Partial<PortWish>): PortWish => ({
  host: '127.0.0.1',
  port: 4000,
  part: 'gateway',
  flag: '--gateway-port',
  variable: 'MURMUR_GATEWAY_PORT',
  ...changes,
});

describe('ports', () => {
  it('that are free are no problem', async () => {
    expect(await portProblems([aWish({ port: await freePort() })])).toEqual([]);
  });

  it('that are taken are told with the flag and the variable that choose another', async () => {
    const { port } = await aTakenPort();
    expect(await portProblems([aWish({ port })])).toEqual([
      `Port ${port} (gateway) is taken by another program: stop it, or choose another with --gateway-port or MURMUR_GATEWAY_PORT`,
    ]);
  });

  it('that two parts want are told with both', async () => {
    const port = await freePort();
    const problems = await portProblems([aWish({ port }), aWish({ port, part: 'fleet', flag: '--fleet-port' })]);
    expect(problems).toEqual([
      expect.stringMatching(/is given to both gateway and fleet: choose another with --fleet-port/),
    ]);
  });

  it('beyond the last one are told', async () => {
    expect(await portProblems([aWish({ port: 65_536 })])).toEqual([
      expect.stringMatching(/65536 \(gateway\) is above 65535/),
    ]);
  });

  it('on an address of another machine are told', async () => {
    const problems = await portProblems([aWish({ host: '192.0.2.1', port: await freePort() })]);
    expect(problems).toEqual([expect.stringMatching(/192\.0\.2\.1 is no address of this machine; set host/)]);
  });

  it('of a run that is on its way out are waited for', async () => {
    const { port, server } = await aTakenPort();
    const waiting = portProblemsAfter([aWish({ port })], 10_000);
    server.close();
    expect(await waiting).toEqual([]);
  });
});
