// Stands in for cli/murmur.ts: the real launcher, over parts that only open a door. Lets the launcher be tested by itself.
import http from 'node:http';
import { pino } from 'pino';
import { ownEntry } from '../../../launcher/own-process.ts';
import { createScreen } from '../../../launcher/screen.ts';
import { up } from '../../../launcher/up.ts';
import { type Config, loadConfig } from '../../../runtime/config.ts';
import { type Part, runPart } from '../../../runtime/part.ts';

const [command, ...rest] = process.argv.slice(2);
const words = rest.filter(word => !word.startsWith('--') && !word.endsWith('.json'));
const config = loadConfig({ file: rest[rest.indexOf('--config') + 1] });

/** A seed that makes the gateway refuse to start. */
const BROKEN = 666;

if (command === 'up') await runUp();
else await runPart(pino({ level: 'info' }), () => startPart(command ?? ''));

async function runUp(): Promise<void> {
  const code = await up({
    config,
    fresh: rest.includes('--fresh'),
    supervise: !rest.includes('--no-supervise'),
    entry: ownEntry(),
    screen: createScreen({ out: process.stdout }),
    loadMigrate: async () => async o => {
      for (const name of ['centre', ...o.regions]) o.onDatabase?.(name, 1);
    },
  });
  process.exit(code);
}

async function startPart(kind: string): Promise<Part> {
  if (kind === 'gateway' && config.agent.seed === BROKEN) throw new Error('the graph does not compose');
  const port = portOf(kind, config);
  if (port === null) return { close: async () => {} };
  const server = http.createServer((request, response) => answer(kind, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, config.host, resolve);
  });
  return {
    url: `http://${config.host}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(kind: string, { gateway, fleet, doors }: Config): number | null {
  if (kind === 'gateway') return gateway.port;
  if (kind === 'fleet') return fleet.port;
  return kind === 'region' ? Number(new URL(doors[words[0] ?? ''] ?? '').port) : null;
}

async function answer(kind: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { query, variables } = JSON.parse(text);
  const ids: string[] = variables.ids ?? [];
  const data =
    kind === 'gateway'
      ? { regions: { nodes: ids.map(id => ({ id, contact: { state: 'ONLINE' } })) } }
      : query.includes('addRegion')
        ? { addRegion: { userErrors: [{ code: 'ALREADY_EXISTS', message: 'known' }] } }
        : { updateRegion: { userErrors: [] } };
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
}
