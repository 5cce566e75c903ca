// Every setting of every process, with its default, unit and limits. One section a part; a process reads the sections
// it needs. Environment names follow from the paths: gateway.regionDeadlineMs is MURMUR_GATEWAY_REGION_DEADLINE_MS.
import { z } from 'zod';
import { REGION_ID } from '../schema/identity.ts';

const port = (byDefault: number) => z.int().min(1).max(65_535).default(byDefault);
const ms = (byDefault: number, least = 1) => z.int().min(least).max(3_600_000).default(byDefault);
const limit = (byDefault: number) => z.int().min(1).max(1_000_000).default(byDefault);
const percent = (byDefault: number) => z.number().min(0).max(100).default(byDefault);
const url = z.url({ protocol: /^https?$/ });

const threshold = (major: number, critical: number) =>
  z
    .strictObject({ major: percent(major), critical: percent(critical) })
    .refine(t => t.major <= t.critical, { error: 'major must not be above critical' })
    .prefault({});

const kubernetes = z
  .strictObject({
    /** Path of a kubeconfig file. */
    kubeconfig: z.string().min(1).optional(),
    /** Context of that file; its current one when left out. */
    context: z.string().min(1).optional(),
    /** The region's process is itself a pod of the cluster: its service account is used. */
    inCluster: z.boolean().default(false),
    /** How long a pod may take to end when it is evicted; its own period when left out. */
    graceSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(k => (k.kubeconfig !== undefined) !== k.inCluster, {
    error: 'needs either kubeconfig, the path of a file, or inCluster: true',
  });

export const ConfigSchema = z.strictObject({
  /** Folder of everything that outlives a restart. */
  data: z.string().min(1).default('.murmuration'),
  /** Address that every door binds to. Anything but loopback needs auth.token. */
  host: z.string().min(1).default('127.0.0.1'),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
  auth: z
    .strictObject({
      /** Shared bearer token that every door asks for and every part sends. */
      token: z.string().min(32, 'needs at least 32 characters').optional(),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** A PostgreSQL 15 or newer, as a user that may create databases; without it an embedded one is started. */
      url: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
      /** Port of the embedded server. */
      port: port(4002),
      /** Database names begin with it: several stacks may share one server. */
      prefix: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,20}$/, 'has 1 to 21 lower-case letters, digits and underscores')
        .default('murmuration'),
      /** Connections that one subgraph may hold at once. */
      poolSize: z.int().min(1).max(100).default(4),
    })
    .prefault({}),
  gateway: z
    .strictObject({
      port: port(4000),
      /** `murmuration` is our own; `apollo` is @apollo/gateway, to compare with. */
      engine: z.enum(['murmuration', 'apollo']).default('murmuration'),
      /** Who plans for our own engine. `auto` is `hive`, or `apollo` on machines that `hive` has no build for. */
      planner: z.enum(['auto', 'hive', 'apollo']).default('auto'),
      /** Steps of a plan that stay in one region travel as one request to its edge door. */
      edgeDoors: z.boolean().default(true),
      /** A supergraph file to serve in place of the product's own, and to follow: a change is served without a restart. */
      supergraph: z.string().min(1).optional(),
      /** Identical queries that are under way at the same time share one execution, and identical requests one answer. */
      shareQueries: z.boolean().default(true),
      /** What a region that hangs may cost one request. */
      regionDeadlineMs: ms(2_000),
      /** What the fleet subgraph may take for one fetch. */
      fleetDeadlineMs: ms(10_000),
      /** Requests under way to one subgraph of one region at once. */
      connectionsPerRegion: z.int().min(1).max(256).default(8),
      /** Requests that may wait for one of those to end; what comes on top is refused at once. */
      queuePerRegion: z.int().min(0).max(100_000).default(256),
      /** Connections to one host and port at once: regions that share a process share them. */
      connectionsPerOrigin: z.int().min(1).max(4_096).default(64),
      /** A subgraph of a region that failed this often in a row is not asked again before a probe of its own succeeds. */
      circuitFailures: z.int().min(1).max(1_000).default(3),
      /** The first probe goes out after this; the pause doubles with each that fails, up to the longest. */
      circuitPauseMs: ms(1_000),
      circuitLongestPauseMs: ms(5_000),
      /** What one gateway takes on; over it clients are told when to come again. */
      limits: z
        .strictObject({
          /** Open WebSockets. */
          sockets: limit(20_000),
          /** Operations over sockets and long answers that are under way. */
          subscriptions: limit(20_000),
          subscriptionsPerSocket: limit(100),
          /** From one network address. Raise it where all clients come through one proxy. */
          subscriptionsPerClient: limit(2_000),
          /** New ones, in all. */
          subscriptionsPerSecond: limit(1_000),
          /** How long a socket may take to say connection_init. */
          connectionInitMs: ms(3_000),
        })
        .prefault({}),
    })
    .prefault({}),
  fleet: z
    .strictObject({
      port: port(4001),
      /** Where the other parts find the fleet service. Derived from host and port when left out. */
      url: url.optional(),
      /** How often a quiet alarm feed proves that it lives. */
      feedHeartbeatMs: ms(15_000),
      /** How far back a cursor of the alarm feed may lie, by age and by number of events. */
      feedKeepHours: z.number().min(0.001).max(87_600).default(168),
      feedKeepEvents: z.int().min(1).max(1_000_000_000).default(5_000_000),
      /** The mirror of each region is compared with the region this often, the regions one after the other. */
      realignEveryMs: ms(3_600_000),
    })
    .prefault({}),
  /** Door of each region, `http://host:port/<region>`, by region id. */
  doors: z.record(z.string().regex(REGION_ID, 'is no region id'), url).default({}),
  agent: z
    .strictObject({
      /** Where its health is told; 0 takes any free port. */
      port: z.int().min(0).max(65_535).default(0),
      heartbeatMs: ms(2_000),
      usageMs: ms(5_000),
      /** Hardware is looked at again this often. */
      discoveryMs: ms(300_000),
      /** Seed of the simulated scenario: the same seed makes the same hosts. */
      seed: z.int().min(0).default(1),
      /** Simulated hosts have BMCs, which answer by Redfish on a port of this machine. */
      simulatedBmcs: z.boolean().default(true),
      /** Where events wait for their region; `agent-queue` in the data folder when left out. */
      queueFolder: z.string().min(1).optional(),
      /** Events that may wait for one region; when there are more the oldest go. About 300 bytes each. */
      queueEntries: z.int().min(10).max(1_000_000).default(10_000),
      /** About how long a simulated host boots. */
      simulatedBootMs: ms(11_000, 0),
      /** Whether the region may boot and configure the machine that a real agent runs on. Off, it says so to whoever asks. */
      hostActions: z.boolean().default(false),
      /** Program and arguments that configure the machine, beyond what the agent can do: gets the configuration as JSON on its standard input. */
      configureCommand: z.array(z.string().min(1)).min(1).optional(),
      /** What it may take; less than inventory.lifecycle.configureMs. */
      configureMs: ms(120_000),
      /** Role of the machine that a real agent runs on. */
      personality: z.enum(['CONTROLLER', 'WORKER', 'STORAGE', 'EDGEWORKER']).default('CONTROLLER'),
      /** How often a real agent looks at what it watches, and says so when it changed. */
      checksMs: ms(2_000, 50),
      /** What a real agent watches on its machine. */
      watch: z
        .strictObject({
          processes: z
            .array(
              z
                .strictObject({
                  name: z.string().regex(/^[\w.-]{1,100}$/, 'has 1 to 100 letters, digits, - _ and dots'),
                  /** Runs while the process whose number this file holds does. */
                  pidfile: z.string().min(1).optional(),
                  /** Runs while a process has this text in its command line. */
                  command: z.string().min(1).optional(),
                  /** How bad it is that it does not run: CRITICAL fails the host, MAJOR degrades it. */
                  severity: z.enum(['CRITICAL', 'MAJOR', 'MINOR']).default('MAJOR'),
                  /** Program and arguments that start it again; without it nobody does. */
                  restart: z.array(z.string().min(1)).min(1).optional(),
                  /** Alarmed once it was started so often in vain. */
                  restarts: z.int().min(1).max(1_000).default(3),
                  /** What a start may take. */
                  startMs: ms(5_000),
                  /** Starts no longer count once it ran for this long. */
                  settledMs: ms(30_000),
                })
                .refine(p => (p.pidfile === undefined) !== (p.command === undefined), {
                  error: 'has either a pidfile or a command',
                }),
            )
            .max(500)
            .refine(all => new Set(all.map(p => p.name)).size === all.length, { error: 'names a process twice' })
            .default([]),
          ports: z
            .array(
              z.strictObject({
                name: z.string().regex(/^[\w.:@-]{1,100}$/, 'is no name of a port'),
                network: z.enum(['OAM', 'MANAGEMENT', 'CLUSTER_HOST', 'DATA']),
                /** The interface that it belongs to, with other ports: a bond. */
                interface: z
                  .string()
                  .regex(/^[\w.:@-]{1,100}$/, 'is no name of an interface')
                  .optional(),
              }),
            )
            .max(500)
            .refine(all => new Set(all.map(p => p.name)).size === all.length, { error: 'names a port twice' })
            .default([]),
        })
        .prefault({}),
    })
    .prefault({}),
  /** Changes that a region keeps for its followers, each subgraph for itself. One that is further behind takes a snapshot. */
  outbox: z
    .strictObject({
      keepHours: z.number().min(0.001).max(87_600).default(336),
      keepChanges: z.int().min(1).max(1_000_000_000).default(1_000_000),
    })
    .prefault({}),
  inventory: z
    .strictObject({
      /** When missed heartbeats of a host count. Half a beat more is waited for the last one to arrive. */
      heartbeat: z
        .strictObject({
          degradeAfterMissed: z.int().min(1).max(1_000).default(2),
          failAfterMissed: z.int().min(1).max(1_000).default(3),
          /** What becomes of a host past the second threshold: out of service, degraded, an alarm only, nothing. */
          failureAction: z.enum(['fail', 'degrade', 'alarm', 'none']).default('fail'),
          /** So many hosts in service lost at once are a fault of the network: none is failed. */
          mnfaThreshold: z.int().min(2).max(100_000).default(2),
          /** After this they are failed all the same; 0 is never. */
          mnfaTimeoutMs: ms(0, 0),
        })
        .refine(h => h.degradeAfterMissed <= h.failAfterMissed, {
          error: 'degradeAfterMissed must not be above failAfterMissed',
        })
        .prefault({}),
      /** How the region brings back a host that failed: boots by its agent, then resets by its BMC, then no more. */
      recovery: z
        .strictObject({
          /** What comes back by itself within this is left alone. */
          afterMs: ms(15_000, 0),
          reboots: z.int().min(0).max(100).default(2),
          resets: z.int().min(0).max(100).default(2),
          /** Between the end of an attempt and the next. */
          pauseMs: ms(30_000, 0),
          /** Attempts that are older do not count. */
          windowMs: ms(3_600_000),
        })
        .prefault({}),
      /** Board management controllers. */
      bmc: z
        .strictObject({
          /** How often the power and the sensors of a host are read. StarlingX's audit_period. */
          auditMs: ms(30_000),
          /** What one request may take. */
          requestDeadlineMs: ms(10_000),
          /** A BMC that failed this often in a row is out of reach (200.010). */
          lostAfter: z.int().min(1).max(100).default(3),
          /** BMCs of a region that are read at once. */
          atOnce: z.int().min(1).max(256).default(8),
          /** Name or path of ipmitool. */
          ipmitool: z.string().min(1).default('ipmitool'),
          /** Where BMCs reach the region, in place of its door: `https://host:port/<region>`. */
          eventsUrl: url.optional(),
          tls: z
            .strictObject({
              /** PEM file of authorities beside those that Node comes with. */
              caFile: z.string().min(1).optional(),
              /** FIRST_USE: the certificate that a BMC shows first is the one that it must show ever after. */
              trust: z.enum(['AUTHORITY', 'FIRST_USE']).default('AUTHORITY'),
              /** SHA-256 of the certificate, `AB:CD:…`, by the BMC's IP address: decides alone. */
              fingerprints: z
                .record(
                  z.string(),
                  z
                    .string()
                    .regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, 'is no SHA-256 fingerprint: 32 hexadecimal pairs'),
                )
                .default({}),
            })
            .prefault({}),
        })
        .prefault({}),
      /** How long a step of a host's job may take. Defaults of boots and reinstallations: StarlingX's (maintenance). */
      lifecycle: z
        .strictObject({
          workerBootMs: ms(720_000),
          controllerBootMs: ms(1_200_000),
          reinstallMs: ms(3_600_000),
          evacuationMs: ms(900_000),
          /** Until a board management controller says that the power is as it was asked to be. */
          powerMs: ms(120_000),
          /** From a boot to the next beat. */
          testMs: ms(120_000),
          /** Until an agent takes an order. */
          orderMs: ms(60_000),
          /** Until an agent has carried out a configuration; the host is booted then all the same. */
          configureMs: ms(180_000),
        })
        .prefault({}),
    })
    .prefault({}),
  workloads: z
    .strictObject({
      /** Simulated hosts come with workloads. */
      simulated: z.boolean().default(true),
      /** How long a simulated workload takes to move. */
      simulatedMoveMs: ms(3_000, 0),
    })
    .prefault({}),
  /** The Kubernetes cluster on the hosts of a region, by region id: where its API is and who we are there. */
  kubernetes: z.record(z.string().regex(REGION_ID, 'is no region id'), kubernetes).default({}),
  faults: z
    .strictObject({
      /** Transitions of alarms, and cleared alarms, are kept this many days; transitions go by whole days (UTC). */
      historyDays: z.int().min(1).max(3_650).default(90),
      /** More transitions than this are not kept of one region: the oldest days go first; today always stays. */
      historyRows: z.int().min(1).max(1_000_000_000).default(5_000_000),
      /** An alarm that is raised this often within the window is marked as flapping, until it was quiet for a while. */
      flapping: z
        .strictObject({ raises: z.int().min(2).max(100).default(5), windowMs: ms(600_000), quietMs: ms(600_000) })
        .prefault({}),
    })
    .prefault({}),
  /** Per cent in use from which a resource is alarmed. Defaults: StarlingX's (100.101, 100.103, 100.104). */
  thresholds: z
    .strictObject({
      cpu: threshold(90, 95),
      memory: threshold(80, 90),
      filesystem: threshold(80, 90),
      /** An alarm falls back only this far below the threshold, so that it does not flap. */
      hysteresisPercent: percent(2),
      // below the agents' interval of 5 s: two samples in a row, as collectd's `Hits 2` has it
      /** It must be above for this long before it is alarmed, and below before that ends; 0 is at once. */
      onDelayMs: ms(4_000, 0),
      offDelayMs: ms(4_000, 0),
    })
    .prefault({}),
  launcher: z
    .strictObject({
      /** How many regions `npm start` runs. */
      regions: z.int().min(1).max(1_000).default(3),
      /** Doors of the regions start here. */
      regionPortBase: port(4101),
      /** A part that died is started again after this. */
      restartMs: ms(3_000),
      /** How long a part may take to stop before it is killed. */
      drainMs: ms(10_000),
    })
    .prefault({}),
});

export type Config = z.output<typeof ConfigSchema>;
export type ConfigInput = z.input<typeof ConfigSchema>;
