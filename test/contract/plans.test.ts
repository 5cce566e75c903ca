// Pins which subgraph answers what: the mirror serves lists, regions serve what is live. Plans only, nothing is executed.
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type PlanNode, QueryPlanner, type SubscriptionNode } from '@apollo/query-planner';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { readOperations, readSupergraph, SUBGRAPHS } from '../../schema/sources.ts';

const supergraph = Supergraph.build(readSupergraph());
const api = supergraph.apiSchema();
const planner = new QueryPlanner(supergraph);

interface Fetch {
  readonly service: string;
  readonly path: string;
  /** Without what the planner adds for itself, on one line. */
  readonly asks: string;
}

function planOf(document: string, operationName?: string): PlanNode | SubscriptionNode {
  const { node } = planner.buildQueryPlan(
    operationFromDocument(api, parse(document), operationName === undefined ? {} : { operationName }),
  );
  if (!node) throw new Error('an empty plan');
  return node;
}

/** Fetches in the order of the plan. */
function fetchesOf(node: PlanNode | SubscriptionNode | undefined, path = ''): Fetch[] {
  switch (node?.kind) {
    case undefined:
      return [];
    case 'Fetch':
      return [{ service: node.serviceName, path, asks: node.operation.replace(/\b(__typename|id)\b/g, '') }];
    case 'Flatten':
      return fetchesOf(node.node, node.path.join('.'));
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(child => fetchesOf(child, path));
    case 'Subscription':
      return [...fetchesOf(node.primary), ...fetchesOf(node.rest)];
    default:
      throw new Error(`a plan node that these tests do not know: ${node?.kind}`);
  }
}

const routesOf = (document: string, operationName?: string): string[] =>
  fetchesOf(planOf(document, operationName)).map(fetch =>
    fetch.path ? `${fetch.service} at ${fetch.path}` : fetch.service,
  );

function recorded(file: string): string {
  const text = readOperations().get(file);
  if (text === undefined) throw new Error(`no schema/operations/${file}`);
  return text;
}

describe('a list of the fleet', () => {
  test('with what the mirror keeps is one fetch to the centre', () => {
    const query = '{ alarms { nodes { severity host { hostname } region { contact { state } } } } }';
    expect(routesOf(query)).toEqual(['fleet']);
  });

  test('costs one more fetch, to inventory, when it asks what only the region knows of a host', () => {
    const query = '{ alarms { nodes { severity host { hostname cpu { model } } region { contact { state } } } } }';
    const fetches = fetchesOf(planOf(query));
    expect(routesOf(query)).toEqual(['fleet', 'inventory at alarms.nodes.@.host']);
    expect(fetches[0]?.asks).toContain('hostname');
    expect(fetches[1]?.asks).not.toContain('hostname');
  });

  test('of hosts is one fetch to the centre', () => {
    expect(routesOf('{ hosts { nodes { hostname availability managementMac region { name } } } }')).toEqual(['fleet']);
  });

  test('as the alarm desk asks for it is one fetch to the centre', () => {
    expect(routesOf(recorded('alarm-desk.graphql'), 'AlarmDesk')).toEqual(['fleet']);
  });

  test('with what explains its alarms, and what they explain, is one fetch to the centre', () => {
    expect(routesOf(recorded('alarm-desk.graphql'), 'RootCauses')).toEqual(['fleet']);
  });
});

describe('a list of hidden alarms', () => {
  test('never leaves the centre either', () => {
    expect(routesOf('{ alarms(filter: { includeHidden: true }) { nodes { inMaintenance } } }')).toEqual(['fleet']);
  });
});

describe('the catalogue', () => {
  test('is answered by the centre alone', () => {
    expect(routesOf(recorded('alarm-desk.graphql'), 'AlarmCatalogue')).toEqual(['fleet']);
  });
});

describe('what lies under a region', () => {
  const query = '{ regions { nodes { alarms { nodes { host { hostname } } } } } }';

  test('is asked of the regions, and never jumps into the mirror', () => {
    expect(routesOf(query)).toEqual([
      'fleet',
      'faults at regions.nodes.@',
      'inventory at regions.nodes.@.alarms.nodes.@.host',
    ]);
    expect(fetchesOf(planOf(query)).filter(fetch => fetch.asks.includes('hostname'))).toEqual([
      expect.objectContaining({ service: 'inventory' }),
    ]);
  });

  test('knows what explains its alarms without the centre', () => {
    const inRegion = 'alarms { nodes { rootCause { severity } impacted { nodes { title } } } } alarmRate { state }';
    expect(routesOf(`{ regions { nodes { ${inRegion} } } }`)).toEqual(['fleet', 'faults at regions.nodes.@']);
    expect(routesOf('{ alarm(id: "paris-1/a1") { rootCause { severity } } }')).toEqual(['faults']);
  });

  test('has the event log and the maintenance windows of the region alone', () => {
    expect(routesOf(recorded('region-page.graphql'), 'RegionMaintenance')).toEqual(['fleet', 'faults at region']);
    expect(routesOf(recorded('region-page.graphql'), 'RegionEvents')).toEqual([
      'fleet',
      'faults at region',
      'inventory at region.events.nodes.@.host',
    ]);
  });

  test('comes back to the centre for what the centre owns of a region, and for nothing else', () => {
    const fetches = fetchesOf(planOf('{ host(id: "paris-1/h1") { hostname region { id name contact { state } } } }'));
    expect(fetches.map(fetch => fetch.service)).toEqual(['inventory', 'fleet']);
    expect(fetches[1]).toMatchObject({ path: 'host.region' });
    expect(fetches[1]?.asks).not.toContain('hostname');
  });
});

describe('the tree of the whole fleet', () => {
  const fetches = fetchesOf(planOf(recorded('fleet-overview.graphql'), 'FleetTree'));

  test('asks each subgraph once', () => {
    expect(fetches.map(fetch => fetch.service).sort()).toEqual([...SUBGRAPHS].sort());
  });

  test('asks the centre for regions, then inventory for hosts, then faults and software for those hosts', () => {
    expect(fetches.slice(0, 2).map(fetch => [fetch.service, fetch.path])).toEqual([
      ['fleet', ''],
      ['inventory', 'regions.nodes.@'],
    ]);
    const hosts = 'regions.nodes.@.hosts.nodes.@';
    expect(new Map(fetches.slice(2).map(fetch => [fetch.service, fetch.path]))).toEqual(
      new Map([
        ['faults', hosts],
        ['software', hosts],
      ]),
    );
  });

  test('asks faults and software side by side', () => {
    const plan = planOf(recorded('fleet-overview.graphql'), 'FleetTree');
    expect(plan.kind === 'Sequence' ? plan.nodes.map(node => node.kind) : []).toEqual(['Fetch', 'Flatten', 'Parallel']);
  });
});

describe('the alarm feed', () => {
  function feedPlan(document: string, operationName?: string): SubscriptionNode {
    const plan = planOf(document, operationName);
    if (plan.kind !== 'Subscription') throw new Error(`planned as ${plan.kind}`);
    return plan;
  }

  test('starts in the centre and asks inventory and software for each event', () => {
    const plan = feedPlan(recorded('alarm-desk.graphql'), 'AlarmDeskFeed');
    expect(plan.primary.serviceName).toBe('fleet');
    const rest = fetchesOf(plan.rest);
    expect(rest.map(fetch => fetch.service).sort()).toEqual(['inventory', 'software']);
    expect(rest.map(fetch => fetch.path)).toEqual(['alarmFeed.alarm.host', 'alarmFeed.alarm.host']);
    expect(rest.some(fetch => /hostname|availability/.test(fetch.asks))).toBe(false);
  });

  test('needs nobody but the centre for what the mirror keeps', () => {
    const feed = 'subscription { alarmFeed { kind region { id name } alarm { alarmId host { hostname } } } }';
    expect(feedPlan(feed).rest).toBeUndefined();
  });
});

describe('a mutation', () => {
  test('on an alarm is one fetch to faults', () => {
    expect(routesOf(recorded('alarm-desk.graphql'), 'AcknowledgeAlarm')).toEqual(['faults']);
    expect(routesOf(recorded('alarm-desk.graphql'), 'RaiseAlarm')).toEqual(['faults']);
  });

  test('on a host is one fetch to inventory', () => {
    expect(routesOf(recorded('host-page.graphql'), 'UpdateHost')).toEqual(['inventory']);
  });
});
