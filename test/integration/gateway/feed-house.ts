// Gateways over a real centre and a real region, and clients of the feed that remember what they were told, reconnect when
// they are sent away, and can stop reading.
import { WebSocket } from 'ws';
import { startGateway } from '../../../gateway/main.ts';
import { loadConfig } from '../../../runtime/config.ts';
import { freePort } from '../../support/free-ports.ts';
import type { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import type { Centre } from '../fleet/fleet-house.ts';

export interface Gateway {
  readonly url: string;
  /** The value of a metric; 0 when there is none of this name and these labels. */
  metric(name: string): Promise<number>;
  close(): Promise<void>;
}

export async function aRealGateway(centre: Centre, left: ReturnType<typeof leftovers>): Promise<Gateway> {
  const fleet = { url: `http://127.0.0.1:${centre.config.fleet.port}` };
  const config = loadConfig({ env: {}, flags: { fleet, gateway: { port: await freePort() } } });
  const part = await startGateway({ config, log: quiet });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= part.close());
  left.add(close);
  const url = part.url!;
  await eventually('the gateway knows its regions', async () => (await fetch(new URL('/health/ready', url))).ok);
  return {
    url,
    metric: async name => {
      const text = await (await fetch(new URL('/metrics', url))).text();
      const line = text.split('\n').find(candidate => candidate.startsWith(name));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    close,
  };
}

export interface FeedEvent {
  readonly kind: string;
  readonly cursor: string;
  readonly alarm: { readonly sequence: string; readonly entityInstanceId: string } | null;
}

export interface FeedClient {
  readonly events: FeedEvent[];
  /** How its sockets were closed, in order. */
  readonly closings: number[];
  /** Stops reading from its socket, or goes on. */
  pause(isPaused: boolean): void;
  close(): void;
}

const FEED =
  'subscription ($after: Cursor) { alarmFeed(after: $after) { kind cursor alarm { sequence entityInstanceId reasonText } } }';
const RETRY_MS = 20;

/** Speaks graphql-transport-ws by hand: hundreds of them fit into a test. `urls` in turn, each with the last cursor. */
export function aFeedClient(urls: readonly string[], query = FEED): FeedClient {
  const events: FeedEvent[] = [];
  const closings: number[] = [];
  let socket: WebSocket;
  let isWanted = true;
  let attempt = 0;
  const open = (): void => {
    socket = new WebSocket(urls[attempt++ % urls.length]!.replace(/^http/, 'ws'), 'graphql-transport-ws');
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('error', () => undefined); // it closes then
    socket.on('message', data => {
      const message = JSON.parse(String(data));
      if (message.type === 'connection_ack') {
        const variables = { after: events.findLast(event => event.kind !== 'SNAPSHOT')?.cursor ?? null };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
      }
      if (message.type === 'next') events.push(message.payload.data.alarmFeed);
    });
    socket.on('close', code => {
      closings.push(code);
      if (isWanted) setTimeout(open, RETRY_MS);
    });
  };
  open();
  return {
    events,
    closings,
    pause: isPaused => (isPaused ? socket.pause() : socket.resume()),
    close: () => {
      isWanted = false;
      socket.terminate();
    },
  };
}

/** The region's own numbers of the changes that came after the snapshot, in the order of their arrival. */
export const numbersOf = (client: FeedClient): number[] =>
  client.events
    .filter(({ kind, alarm }) => kind !== 'SNAPSHOT' && alarm !== null)
    .map(({ alarm }) => Number(alarm!.sequence));

export const isAligned = ({ events }: FeedClient): boolean => events.some(({ kind }) => kind === 'ALIGNED');

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
