// The product's own four subgraphs over a made-up fleet: each region has 20 open alarms on 5 hosts that run one release.
import { EDGE_SUBGRAPHS, readSubgraph } from '../../schema/sources.ts';
import type { Subgraph } from './topology.ts';

const ALARMS = 20;
const HOSTS = 5;
const NOW = '2026-01-01T00:00:00.000Z';

export const regionIds = (count: number): string[] => Array.from({ length: count }, (_, i) => `edge-${i + 1}`);

const listOf = (nodes: readonly object[]) => ({
  nodes,
  pageInfo: { hasNextPage: false, hasPreviousPage: false },
  totalCount: nodes.length,
});
const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface ById {
  readonly id: string;
}

const regionNode = (id: string) => ({ __typename: 'Region', id, name: `Region ${id}` });
const hostOf = (region: string, n: number) => ({ __typename: 'Host', id: `${region}/host-${n % HOSTS}` });
const alarmOf = (region: string, n: number) => ({
  __typename: 'Alarm',
  id: `${region}/alarm-${n}`,
  alarmId: n % 2 === 0 ? '100.101' : '100.104',
  severity: n % 3 === 0 ? 'CRITICAL' : 'MAJOR',
  entityInstanceId: `host=host-${n % HOSTS}`,
  reasonText: `Usage of a resource on host-${n % HOSTS} is 9${n % 10}.0 %; the threshold is 90 %`,
  raisedAt: NOW,
  host: hostOf(region, n),
});

const resolvers: Record<string, Subgraph['resolvers']> = {
  inventory: {
    Host: {
      __resolveReference: ({ id }: ById) => ({
        __typename: 'Host',
        id,
        hostname: id.split('/')[1],
        personality: id.endsWith('host-0') ? 'CONTROLLER' : 'WORKER',
        availability: 'AVAILABLE',
      }),
    },
  },
  faults: {
    Region: {
      __resolveReference: ({ id }: ById) => ({ __typename: 'Region', id }),
      alarms: ({ id }: ById) => listOf(numbersTo(ALARMS).map(n => alarmOf(id, n))),
    },
  },
  software: {
    Host: {
      __resolveReference: ({ id }: ById) => ({ __typename: 'Host', id }),
      software: () => ({ release: 'starlingx-10.0.1', reportedAt: NOW }),
    },
  },
};

export const fleetSubgraph = (count: number): Subgraph => ({
  name: 'fleet',
  sdl: readSubgraph('fleet'),
  resolvers: { Query: { regions: () => listOf(regionIds(count).map(regionNode)) } },
});

export const edgeSubgraphs: readonly Subgraph[] = EDGE_SUBGRAPHS.map(name => ({
  name,
  sdl: readSubgraph(name),
  resolvers: resolvers[name]!,
}));

export const fleetQuery = (count: number): string => `
  query Fleet {
    regions(first: ${count}) {
      nodes {
        id
        name
        alarms(first: ${ALARMS}) {
          nodes {
            id
            alarmId
            severity
            entityInstanceId
            reasonText
            host { id hostname personality availability software { release } }
          }
        }
      }
    }
  }
`;
