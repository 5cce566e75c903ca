// The query page: GraphiQL, whole from this server, so that it works without the internet.
import type { Exchange } from '../../runtime/http-door.ts';

const DEFAULT_QUERY = `# Every region with its hosts and alarms, live. Ctrl-Enter runs it.
query Fleet {
  regions {
    nodes {
      id
      contact { state lastContactAt }
      alarmSummary { critical major minor warning status }
      hosts {
        nodes {
          hostname
          personality
          availability
          cpu { model threads }
          alarms { nodes { alarmId severity reasonText } }
          software { release }
        }
      }
    }
  }
}
`;

let page: Promise<string> | undefined; // the page is 3 MB and its package 33: loaded when it is first asked for

/** A browser that opens the address, rather than a program that queries it. */
export const wantsPage = ({ req, url }: Exchange): boolean =>
  req.method === 'GET' && !url.searchParams.has('query') && req.headers.accept?.includes('text/html') === true;

export async function answerPage({ res }: Exchange): Promise<void> {
  page ??= import('@graphql-yoga/render-graphiql').then(({ renderGraphiQL }) =>
    renderGraphiQL({
      title: 'Murmuration',
      endpoint: '/graphql',
      subscriptionsProtocol: 'WS',
      defaultQuery: DEFAULT_QUERY,
    }),
  );
  const html = await page;
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  res.end(html);
}
