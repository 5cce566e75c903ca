// The resources of a simulated Redfish service as JSON, below the root of one board. Shapes: DSP2046.
import type { Board } from './board.ts';
import type { SensorAt } from './board-sensors.ts';

type Json = Readonly<Record<string, unknown>>;

export const RESET_TYPES = ['On', 'ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart', 'PowerCycle'];
const PAGE = 50; // entries of the log

/** Null where there is nothing. `path` is below the root, without slashes at its ends. */
export function resourceAt(board: Board, root: string, path: string, query: URLSearchParams): Json | null {
  const link = (below: string): Json => ({ '@odata.id': below === '' ? root : `${root}/${below}` });
  const collection = (type: string, members: readonly unknown[], more: Json = {}): Json => ({
    ...link(path),
    '@odata.type': `#${type}Collection.${type}Collection`,
    Members: members,
    'Members@odata.count': members.length,
    ...more,
  });
  const [entry] = /^Managers\/BMC\/LogServices\/SEL\/Entries\/(.+)$/.exec(path)?.slice(1) ?? [];
  const [sensor] = /^Chassis\/1\/Sensors\/(.+)$/.exec(path)?.slice(1) ?? [];
  if (entry !== undefined) return entryOf(board, link, decodeURIComponent(entry));
  if (sensor !== undefined) return sensorOf(board, link, decodeURIComponent(sensor));
  switch (path) {
    case '':
      return serviceRoot(link);
    case 'Systems':
      return collection('ComputerSystem', [link('Systems/1')]);
    case 'Systems/1':
      return system(board, link);
    case 'Chassis':
      return collection('Chassis', [link('Chassis/1')]);
    case 'Chassis/1':
      return {
        ...link(path),
        '@odata.type': '#Chassis.v1_25_0.Chassis',
        Id: '1',
        Name: 'Chassis',
        ChassisType: 'RackMount',
        ...(board.plan.modern
          ? { Sensors: link('Chassis/1/Sensors') }
          : { Thermal: link('Chassis/1/Thermal'), Power: link('Chassis/1/Power') }),
      };
    case 'Chassis/1/Sensors':
      return collection(
        'Sensor',
        board
          .sensors()
          .map(({ name }) =>
            query.has('$expand') ? sensorOf(board, link, name) : link(`Chassis/1/Sensors/${encodeURIComponent(name)}`),
          ),
      );
    case 'Chassis/1/Thermal':
      return thermal(board, link);
    case 'Chassis/1/Power':
      return powerOf(board, link);
    case 'Managers':
      return collection('Manager', [link('Managers/BMC')]);
    case 'Managers/BMC':
      return { ...link(path), Id: 'BMC', ManagerType: 'BMC', LogServices: link('Managers/BMC/LogServices') };
    case 'Managers/BMC/LogServices':
      return collection('LogService', [link('Managers/BMC/LogServices/SEL')]);
    case 'Managers/BMC/LogServices/SEL':
      return { ...link(path), Id: 'SEL', LogEntryType: 'SEL', Entries: link('Managers/BMC/LogServices/SEL/Entries') };
    case 'Managers/BMC/LogServices/SEL/Entries':
      return logPage(board, link, collection, Number(query.get('$skip') ?? 0));
    case 'SessionService':
      return { ...link(path), ServiceEnabled: true, SessionTimeout: 1_800, Sessions: link('SessionService/Sessions') };
    case 'EventService':
      return { ...link(path), ServiceEnabled: true, Subscriptions: link('EventService/Subscriptions') };
    default:
      return null;
  }
}

type LinkTo = (below: string) => Json;

const serviceRoot = (link: LinkTo): Json => ({
  ...link(''),
  '@odata.type': '#ServiceRoot.v1_16_0.ServiceRoot',
  Id: 'RootService',
  RedfishVersion: '1.18.0',
  Vendor: 'Murmuration',
  Product: 'Simulated BMC',
  ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true, Levels: true, MaxLevels: 1 } },
  Systems: link('Systems'),
  Chassis: link('Chassis'),
  Managers: link('Managers'),
  EventService: link('EventService'),
  SessionService: link('SessionService'),
  Links: { Sessions: link('SessionService/Sessions') },
});

const system = (board: Board, link: LinkTo): Json => ({
  ...link('Systems/1'),
  '@odata.type': '#ComputerSystem.v1_22_0.ComputerSystem',
  Id: '1',
  Name: board.plan.hostname,
  SerialNumber: board.plan.serialNumber,
  Manufacturer: board.plan.manufacturer,
  Model: board.plan.model,
  PowerState: board.powerState(),
  Status: { State: 'Enabled', Health: 'OK' },
  Boot: {
    BootSourceOverrideEnabled: board.boot.enabled,
    BootSourceOverrideTarget: board.boot.target,
    BootSourceOverrideMode: board.boot.mode,
    'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd', 'BiosSetup'],
  },
  Actions: {
    '#ComputerSystem.Reset': {
      target: `${link('Systems/1')['@odata.id']}/Actions/ComputerSystem.Reset`,
      'ResetType@Redfish.AllowableValues': board.faults.resetTypes ?? RESET_TYPES,
    },
  },
  Links: { Chassis: [link('Chassis/1')], ManagedBy: [link('Managers/BMC')] },
});

function sensorOf(board: Board, link: LinkTo, name: string): Json | null {
  const sensor = board.sensors().find(one => one.name === name);
  if (!sensor) return null;
  const limit = (value: number | undefined): Json => (value === undefined ? {} : { Reading: value });
  return {
    ...link(`Chassis/1/Sensors/${encodeURIComponent(name)}`),
    '@odata.type': '#Sensor.v1_9_0.Sensor',
    Id: name.replaceAll(' ', '_'),
    Name: name,
    ReadingType: sensor.type,
    ReadingUnits: sensor.unit,
    Reading: sensor.reading,
    Status: statusOf(sensor),
    Thresholds: {
      LowerCaution: limit(sensor.lower?.caution),
      LowerCritical: limit(sensor.lower?.critical),
      LowerFatal: limit(sensor.lower?.fatal),
      UpperCaution: limit(sensor.upper?.caution),
      UpperCritical: limit(sensor.upper?.critical),
      UpperFatal: limit(sensor.upper?.fatal),
    },
  };
}

const statusOf = ({ reading, health }: SensorAt): Json =>
  reading === null ? { State: 'StandbyOffline' } : { State: 'Enabled', Health: health };

const limitsOf = ({ lower, upper }: SensorAt): Json => ({
  LowerThresholdNonCritical: lower?.caution,
  LowerThresholdCritical: lower?.critical,
  LowerThresholdFatal: lower?.fatal,
  UpperThresholdNonCritical: upper?.caution,
  UpperThresholdCritical: upper?.critical,
  UpperThresholdFatal: upper?.fatal,
});

const ofType = (board: Board, type: SensorAt['type']): readonly SensorAt[] =>
  board.sensors().filter(sensor => sensor.type === type);

const thermal = (board: Board, link: LinkTo): Json => ({
  ...link('Chassis/1/Thermal'),
  '@odata.type': '#Thermal.v1_7_1.Thermal',
  Temperatures: ofType(board, 'Temperature').map(sensor => ({
    Name: sensor.name,
    ReadingCelsius: sensor.reading,
    Status: statusOf(sensor),
    ...limitsOf(sensor),
  })),
  Fans: ofType(board, 'Rotational').map(sensor => ({
    Name: sensor.name,
    Reading: sensor.reading,
    ReadingUnits: 'RPM',
    Status: statusOf(sensor),
    ...limitsOf(sensor),
  })),
});

const powerOf = (board: Board, link: LinkTo): Json => ({
  ...link('Chassis/1/Power'),
  '@odata.type': '#Power.v1_7_1.Power',
  PowerControl: [
    {
      Name: 'System Power',
      PowerConsumedWatts: ofType(board, 'Power').reduce((sum, { reading }) => sum + (reading ?? 0), 0),
    },
  ],
  Voltages: ofType(board, 'Voltage').map(sensor => ({
    Name: sensor.name,
    ReadingVolts: sensor.reading,
    Status: statusOf(sensor),
    ...limitsOf(sensor),
  })),
  PowerSupplies: ofType(board, 'Power').map(sensor => ({
    Name: sensor.name,
    PowerInputWatts: sensor.reading,
    Status: statusOf(sensor),
  })),
});

/** Newest first, as most services have it. */
function logPage(
  board: Board,
  link: LinkTo,
  collection: (type: string, members: readonly unknown[], more: Json) => Json,
  skip: number,
): Json {
  const entries = [...board.log].reverse();
  const next = skip + PAGE < entries.length ? skip + PAGE : null;
  const path = link('Managers/BMC/LogServices/SEL/Entries')['@odata.id'];
  return collection(
    'LogEntry',
    entries.slice(skip, skip + PAGE).map(({ id }) => entryOf(board, link, id)),
    {
      'Members@odata.count': entries.length,
      ...(next === null ? {} : { 'Members@odata.nextLink': `${path}?$skip=${next}` }),
    },
  );
}

function entryOf(board: Board, link: LinkTo, id: string): Json | null {
  const entry = board.log.find(one => one.id === id);
  if (!entry) return null;
  return {
    ...link(`Managers/BMC/LogServices/SEL/Entries/${id}`),
    '@odata.type': '#LogEntry.v1_16_0.LogEntry',
    Id: id,
    EntryType: 'SEL',
    Created: entry.at,
    Severity: entry.severity,
    Message: entry.message,
  };
}

/** Without the members of these names, wherever they stand. */
export function without(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(one => without(one, names));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.includes(name))
      .map(([name, one]) => [name, without(one, names)]),
  );
}
