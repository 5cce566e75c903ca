// Holds the SDL to GRAPH.md's conventions: names that are fixed, nullability that survives a dead region, paginated lists.
import {
  buildASTSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { EDGE_SUBGRAPHS, readSubgraph, readSupergraph, SUBGRAPHS, type Subgraph } from '../../schema/sources.ts';
import { publicSchemaOf } from '../../schema/tools/composition.ts';

const api = publicSchemaOf(readSupergraph());

/** One subgraph on its own; federation's directives stay undefined, which only strict validation would mind. */
const schemaOf = (name: Subgraph, sdl = readSubgraph(name)): GraphQLSchema =>
  buildASTSchema(parse(sdl), { assumeValidSDL: true, assumeValid: true });

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(type => !type.name.startsWith('__'));

const fieldsOf = (schema: GraphQLSchema, type: string): GraphQLField<unknown, unknown>[] => {
  const found = schema.getType(type);
  return isObjectType(found) ? Object.values(found.getFields()) : [];
};

const isList = (field: GraphQLField<unknown, unknown>): boolean =>
  isListType(isNonNullType(field.type) ? field.type.ofType : field.type);

/** What another region may fail to answer, and would take its parent with it if it could not be null. */
function nonNullWhereARegionMayFail(schema: GraphQLSchema): string[] {
  const entityFields = ['Region', 'Host'].flatMap(type =>
    fieldsOf(schema, type)
      .filter(field => field.name !== 'id' && field.name !== 'region')
      .map(field => ({ type, field })),
  );
  const rootFields = ['Query', 'Mutation', 'Subscription'].flatMap(type =>
    fieldsOf(schema, type).map(field => ({ type, field })),
  );
  return [...entityFields, ...rootFields]
    .filter(({ field }) => isNonNullType(field.type))
    .map(({ type, field }) => `${type}.${field.name}`);
}

/** Lists that hardware or a person keeps short. Everything else is a connection. */
const SMALL_LISTS = new Set([
  'Region.labels',
  'Host.labels',
  'Host.subfunctions',
  'Host.conditions',
  'Host.memory',
  'Host.ports',
  'Host.disks',
  'Host.devices',
  'Host.conditions',
  'Host.sensors',
  'Host.actions',
  'Host.interfaces',
  'Host.volumeGroups',
  'CpuTopology.logicalCpus',
  'NumaMemory.hugePages',
  'HostCapacity.hugePages',
  'HostCapacity.devices',
  'CapacitySummary.hugePages',
  'CapacitySummary.devices',
  'HostChange.changed',
  'NetworkInterface.addresses',
  'NetworkInterface.uses',
  'NetworkInterface.usedBy',
  'Disk.partitions',
  'HostProfile.labels',
  'HostConfiguration.diff',
  'HostConfiguration.failures',
  'ApplyHostProfilePayload.diff',
  'NodalConfiguration.cpu',
  'NodalConfiguration.memory',
  'NodalConfiguration.interfaces',
  'NodalConfiguration.partitions',
  'NodalConfiguration.storage',
  'InterfaceConfiguration.networks',
  'InterfaceConfiguration.uses',
  'VolumeGroup.physicalVolumes',
  'VolumeGroup.logicalVolumes',
  'UserError.path',
  'AlarmDefinition.severities',
  'AlarmDefinition.entityTypes',
  'Alarm.comments',
  'RaiseAlarmsPayload.results',
  'ClearAlarmsPayload.results',
  'ImportHostsPayload.hosts',
  'ImportedHost.problems',
  'ReportEventsPayload.results',
  'RegionAlignment.sources',
  'SourceAlignment.examples',
]);

function unpaginatedLists(schema: GraphQLSchema): string[] {
  return objectTypes(schema)
    .filter(type => !type.name.endsWith('Connection'))
    .flatMap(type =>
      Object.values(type.getFields())
        .filter(field => isList(field) && field.name !== 'userErrors')
        .map(field => `${type.name}.${field.name}`),
    );
}

function enumsOf(schema: GraphQLSchema): Map<string, string> {
  const enums = Object.values(schema.getTypeMap()).filter(isEnumType);
  return new Map(
    enums
      .filter(type => !type.name.startsWith('__'))
      .map(type => [
        type.name,
        type
          .getValues()
          .map(v => v.name)
          .join(' '),
      ]),
  );
}

describe('a region that is down costs only its own fields', () => {
  test.each(EDGE_SUBGRAPHS)('%s: fields of Region and Host and all root fields are nullable', name => {
    expect(nonNullWhereARegionMayFail(schemaOf(name))).toEqual([]);
  });

  test('a non-null field is noticed', () => {
    const broken = readSubgraph('software').replace('software: HostSoftware', 'software: HostSoftware!');
    expect(nonNullWhereARegionMayFail(schemaOf('software', broken))).toEqual(['Host.software']);
  });
});

describe('lists', () => {
  test('are connections, but for the ones known to be short', () => {
    expect(unpaginatedLists(api).filter(list => !SMALL_LISTS.has(list))).toEqual([]);
  });

  test('that are excused still exist', () => {
    const lists = new Set(unpaginatedLists(api));
    expect([...SMALL_LISTS].filter(list => !lists.has(list))).toEqual([]);
  });

  test('take first, 50 when left out, and after', () => {
    const connections = objectTypes(api).flatMap(type =>
      Object.values(type.getFields())
        .filter(field => getNamedType(field.type).name.endsWith('Connection'))
        .map(field => ({ at: `${type.name}.${field.name}`, args: field.args })),
    );
    expect(connections.length).toBeGreaterThan(5);
    for (const { at, args } of connections) {
      expect(args.find(arg => arg.name === 'first')?.defaultValue, `${at}(first:)`).toBe(50);
      expect(String(args.find(arg => arg.name === 'after')?.type), `${at}(after:)`).toBe('Cursor');
    }
  });

  test('answer nodes, edges, pageInfo and totalCount', () => {
    for (const type of objectTypes(api).filter(candidate => candidate.name.endsWith('Connection')))
      expect(Object.keys(type.getFields()), type.name).toEqual(
        expect.arrayContaining(['nodes', 'edges', 'pageInfo', 'totalCount']),
      );
  });
});

describe('enums', () => {
  test('that several subgraphs write down are the same in each', () => {
    const seen = new Map<string, { name: Subgraph; values: string }>();
    for (const name of SUBGRAPHS)
      for (const [type, values] of enumsOf(schemaOf(name))) {
        const first = seen.get(type);
        if (first) expect(values, `${type} in ${name} and ${first.name}`).toBe(first.values);
        else seen.set(type, { name, values });
      }
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('names that GRAPH.md fixes', () => {
  const FIXED: Record<string, string> = {
    Query: 'region regions alarms alarm alarmSummary alarmCatalogue hosts host',
    Mutation:
      'addRegion updateRegion manageRegion unmanageRegion removeRegion updateHost raiseAlarm clearAlarm acknowledgeAlarm unacknowledgeAlarm commentAlarm suppressAlarms unsuppressAlarms startMaintenance endMaintenance reportEvent reportEvents',
    Subscription: 'alarmFeed regionContact',
    AlarmFeedEvent: 'kind cursor at region alarm missed',
    AlarmFeedKind:
      'SNAPSHOT ALIGNED RAISED CHANGED CLEARED ACKNOWLEDGED UNACKNOWLEDGED COMMENTED SUPPRESSED UNSUPPRESSED REGION_STALE REGION_BACK LIST_REBUILT LAGGED HEARTBEAT',
    Severity: 'CRITICAL MAJOR MINOR WARNING',
    AdministrativeState: 'LOCKED UNLOCKED',
    OperationalState: 'ENABLED DISABLED',
    RegionManagement: 'MANAGED UNMANAGED',
    RegionContactState: 'ONLINE STALE OFFLINE NEVER',
  };

  test.each(Object.entries(FIXED))('%s', (typeName, names) => {
    const type = api.getType(typeName);
    const actual = isEnumType(type)
      ? type.getValues().map(value => value.name)
      : fieldsOf(api, typeName).map(field => field.name);
    expect(actual).toEqual(expect.arrayContaining(names.split(' ')));
  });

  test('mutations take one input and answer userErrors', () => {
    for (const field of fieldsOf(api, 'Mutation')) {
      const stem = field.name.charAt(0).toUpperCase() + field.name.slice(1);
      expect(
        field.args.map(arg => `${arg.name}: ${arg.type}`),
        field.name,
      ).toEqual([`input: ${stem}Input!`]);
      expect(getNamedType(field.type).name).toBe(`${stem}Payload`);
      expect(fieldsOf(api, `${stem}Payload`).map(f => `${f.name}: ${f.type}`)).toContain('userErrors: [UserError!]!');
    }
  });

  test("the agents' door does not show", () => {
    expect(api.getMutationType()?.getFields()).not.toHaveProperty('reportHost');
    const agents = /^(Report(?!Events?(Input|Payload)$)|UsageResource$)/; // outside systems report events too
    expect(Object.keys(api.getTypeMap()).filter(name => agents.test(name))).toEqual([]);
  });
});
