// What every peer's process has in common: its settings from the command line, a lean door for Apollo Server, and the line
// that tells the bench where it listens.
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginUsageReportingDisabled } from '@apollo/server/plugin/disabled';

/**
 * `{ supergraphFile, services: { name: url }, regions?: { id: endpoint }, variant, share }`: the bench's EngineSettings.
 * `regions` is there when the edge subgraphs have an address per region.
 */
export const settings = JSON.parse(process.argv[2] ?? 'null');
if (!settings) throw new Error('Peers are started by `npm run bench`, which tells them what to serve.');

process.on('disconnect', () => process.exit()); // the bench is gone, however it went

export const announce = url => console.log(`listening ${url}`);

/** Serves a gateway behind @apollo/server on plain node:http, as the product's own front does. */
export async function serveApollo(gateway) {
  const apollo = new ApolloServer({
    gateway,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    plugins: [ApolloServerPluginUsageReportingDisabled()],
  });
  await apollo.start();
  const server = http.createServer(async (req, res) => {
    const body = JSON.parse(await text(req));
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(req.headers)) headers.set(name, String(value));
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: req.method, headers, search: '', body },
      context: async () => ({}),
    });
    res.statusCode = answer.status ?? 200;
    for (const [name, value] of answer.headers) res.setHeader(name, value);
    res.end(answer.body.string);
  });
  listen(server);
}

export function listen(server) {
  server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${server.address().port}/graphql`));
}
