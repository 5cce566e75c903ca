// What goes on between one gateway and each door it asks, as metrics. Labels are the region and the subgraph: as many
// series as the directory has regions, never one for an address.
import type { Metrics, Series } from '../../runtime/metrics.ts';
import { EDGE_SUBGRAPHS } from '../../schema/sources.ts';
import type { RegionDirectory } from '../routing/region-directory.ts';
import type { Circuit } from './circuit.ts';
import type { DoorState } from './door.ts';
import { LATENCY_BUCKETS_MS } from './door-measures.ts';
import type { RegionTransport } from './region-transport.ts';

export interface TransportMetricsDeps {
  readonly transport: Pick<RegionTransport, 'doors'>;
  readonly directory: Pick<RegionDirectory, 'all' | 'state'>;
  /** Of the fleet subgraph. */
  readonly fleetUrl: string;
}

type DoorLabels = Readonly<Record<'region' | 'subgraph', string>>;
type LabelledDoor = DoorState & { readonly labels: DoorLabels };

const CIRCUITS: Readonly<Record<Circuit['state'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Every number of a door that is one series. */
const PLAIN: readonly (readonly ['gauge' | 'counter', string, string, (door: DoorState) => number])[] = [
  ['gauge', 'circuit', 'Circuit of the door: 0 closed, 1 half-open, 2 open.', door => CIRCUITS[door.circuit]],
  ['gauge', 'under_way', 'Requests that the door has not answered yet.', door => door.underWay],
  ['gauge', 'waiting', 'Requests that wait for one under way to end.', door => door.waiting],
  ['counter', 'requests_total', 'Requests sent to the door.', door => door.counts.requests],
  ['counter', 'shared_total', 'Requests answered by one that was under way already.', door => door.counts.shared],
  ['counter', 'sent_characters_total', 'Characters of the bodies of requests.', door => door.counts.sentChars],
  ['counter', 'received_bytes_total', 'Bytes of the bodies of answers.', door => door.counts.receivedBytes],
];

export function transportMetrics(metrics: Metrics, { transport, directory, fleetUrl }: TransportMetricsDeps): void {
  const doors = oncePerScrape(() => labelled(transport.doors(), addressesOf(directory, fleetUrl)));
  for (const [kind, name, help, numberOf] of PLAIN)
    metrics[kind]({
      name: `murmuration_door_${name}`,
      help,
      read: () => doors().map(door => ({ labels: door.labels, value: numberOf(door) })),
    });
  metrics.counter({
    name: 'murmuration_door_failures_total',
    help: 'Requests to the door that brought no answer to use, by kind; a kind that has not occurred has no series.',
    read: () => doors().flatMap(failuresOf),
  });
  metrics.histogram({
    name: 'murmuration_door_duration_seconds',
    help: 'From the question to the last byte of the answer, waiting for a free place included.',
    bounds: LATENCY_BUCKETS_MS.map(ms => ms / 1_000),
    read: () =>
      doors().map(({ labels, counts }) => ({ labels, counts: counts.latency, sum: counts.latencySumMs / 1_000 })),
  });
  directoryMetrics(metrics, directory);
}

function directoryMetrics(metrics: Metrics, directory: TransportMetricsDeps['directory']): void {
  metrics.gauge({
    name: 'murmuration_directory_followed',
    help: '1 while the fleet service tells this gateway which regions there are; at 0 the last table stays.',
    read: () => [{ value: Number(directory.state().followed) }],
  });
  metrics.gauge({
    name: 'murmuration_directory_regions',
    help: 'Regions that this gateway knows, by their contact with the centre.',
    read: () => {
      const regions = new Map<string, number>();
      for (const { contact } of directory.all()) regions.set(contact, (regions.get(contact) ?? 0) + 1);
      return [...regions].map(([contact, value]) => ({ labels: { contact }, value }));
    },
  });
}

/** All metrics of a scrape are read in one turn of the event loop: they tell of one moment. */
function oncePerScrape<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => {
    if (!seen) {
      seen = { value: look() };
      setImmediate(() => {
        seen = undefined;
      });
    }
    return seen.value;
  };
}

const failuresOf = ({ labels, counts }: LabelledDoor): Series[] =>
  Object.entries(counts.failures)
    .filter(([, value]) => value > 0)
    .map(([kind, value]) => ({ labels: { ...labels, kind }, value }));

/** The door of plans stands beside those of the subgraphs. The fleet subgraph is of no region. */
function addressesOf(directory: Pick<RegionDirectory, 'all'>, fleetUrl: string): ReadonlyMap<string, DoorLabels> {
  const addresses = new Map<string, DoorLabels>([[fleetUrl, { region: '', subgraph: 'fleet' }]]);
  for (const { id, endpoint } of directory.all()) {
    addresses.set(`${endpoint}/plan`, { region: id, subgraph: 'plan' });
    for (const subgraph of EDGE_SUBGRAPHS) addresses.set(`${endpoint}/${subgraph}/graphql`, { region: id, subgraph });
  }
  return addresses;
}

/** A door of a region that has left or moved is nobody's any more. */
const labelled = (doors: readonly DoorState[], addresses: ReadonlyMap<string, DoorLabels>): LabelledDoor[] =>
  doors.flatMap(door => {
    const labels = addresses.get(door.url);
    return labels ? [{ ...door, labels }] : [];
  });
