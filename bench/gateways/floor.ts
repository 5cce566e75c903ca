// The floor: a process that asks as many times as it is told, side by side, and joins the texts that come. No gateway does
// less, and none may: it knows no GraphQL.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineSettings } from './engines.ts';
import { connectLean, type LeanConnection } from './lean-client.ts';

process.on('disconnect', () => process.exit()); // the bench is gone, however it went

const { slices } = JSON.parse(process.argv[2]!) as EngineSettings;

const pools = slices.map(url => pool(url));
const server = http.createServer(async (req, res) => {
  req.resume(); // what was asked does not matter
  const texts = await Promise.all(pools.map(ask => ask()));
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': texts.reduce((n, t) => n + t.length, 0) });
  for (const text of texts) res.write(text);
  res.end();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
});

function pool(url: string): () => Promise<Buffer> {
  const idle: LeanConnection[] = [];
  return async () => {
    const connection = idle.pop() ?? connectLean(url);
    const body = await connection.post('{"query":"{ slice }"}');
    idle.push(connection);
    return body;
  };
}
