// The line between the centre and a region: can be cut, break off, or make the region look as if of the release before.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegionLine {
  /** To give as the region's endpoint. */
  readonly endpoint: string;
  cut(): void;
  mend(): void;
  /** Ends the connection in the middle of the next so many snapshots. */
  breakSnapshots(times: number): void;
  /** As a region that knows neither snapshots nor pruning; false ends it. */
  setOld(isOld: boolean): void;
  /** Requests for changes so far, `faults=3&snapshot=faults`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function aLine(door: string): Promise<RegionLine> {
  const { pathname: path } = new URL(door);
  const asked: string[] = [];
  let isCut = false;
  let isOld = false;
  let breaks = 0;

  const pass = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { search } = new URL(req.url!, door);
    asked.push(decodeURIComponent(search.slice(1)));
    if (isOld && search.includes('snapshot=')) return void res.writeHead(400).end();
    const stop = new AbortController();
    res.on('close', () => stop.abort());
    const headers = isOld ? {} : { 'murmuration-snapshots': String(req.headers['murmuration-snapshots']) };
    const answer = await fetch(`${door}/changes${search}`, { headers, signal: stop.signal });
    res.writeHead(answer.status);
    let rest = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { snapshot } = JSON.parse(line);
        if (breaks > 0 && snapshot?.isLast) {
          breaks--;
          return void res.destroy();
        }
        res.write(`${isOld ? line.replaceAll(/,"oldest":"\d+"/g, '') : line}\n`);
      }
    }
    res.end();
  };
  const server = http.createServer((req, res) => {
    if (isCut) return void res.destroy();
    pass(req, res).catch(() => res.destroy()); // either end went away
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    asked,
    cut: () => {
      isCut = true;
      server.closeAllConnections();
    },
    mend: () => {
      isCut = false;
    },
    breakSnapshots: times => {
      breaks = times;
    },
    setOld: old => {
      isOld = old;
      server.closeAllConnections();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
