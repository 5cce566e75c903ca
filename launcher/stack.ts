// The stack of one data folder as a thing that can be brought up once and taken down. Knows the order; how each step is done
// stands in its own file.
import path from 'node:path';
import { pino } from 'pino';
import { type Config, isLoopback } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { checkOwnDatabase, describeServer, startOn, stopOrphans } from './database.ts';
import { LaunchError } from './launch-error.ts';
import { type Migrate, migrateStep } from './migrate-step.ts';
import type { Entry } from './own-process.ts';
import { partProcesses } from './part-process.ts';
import { portProblems, portProblemsAfter } from './ports.ts';
import { keepPostgres, type PostgresKeeper } from './postgres-keeper.ts';
import type { Screen } from './screen.ts';
import { gatewayOf, planStack, type StackPlan } from './stack-plan.ts';
import { startParts } from './start-parts.ts';
import { hostOf, summary } from './summary.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface StackDeps {
  readonly config: Config;
  readonly fresh: boolean;
  readonly supervise: boolean;
  readonly entry: Entry;
  readonly screen: Screen;
  /** Loaded late because it is heavy. */
  readonly loadMigrate: () => Promise<Migrate>;
}

export interface Stack {
  bringUp(): Promise<void>;
  takeDown(): Promise<void>;
  killAll(): void;
  hasStarted(): boolean;
}

const READY_WITHIN_MS = 120_000; // a pack of 30 regions on a busy machine; 2 s is usual
const ORPHANS_LEAVE_MS = 12_000; // parts drain for 8 s when their launcher was killed

export function createStack(deps: StackDeps): Stack {
  const { screen, supervise } = deps;
  const { restartMs, drainMs } = deps.config.launcher;
  const abort = new AbortController();
  let folder: DataFolder | undefined;
  let postgres: PostgresKeeper | undefined;
  let supervisor: Supervisor | undefined;
  let running: Promise<void> | undefined;

  async function bringUp(): Promise<void> {
    const plan = planStack(deps.config);
    folder = openDataFolder({ folder: deps.config.data, fresh: deps.fresh });
    await stopOrphans(folder);
    await checkPorts(plan, folder.tookOver);
    if (deps.fresh) {
      folder.empty();
      screen.say(`Begins anew: ${folder.path} was emptied (--fresh)`);
    }
    const log = openLauncherLog(folder, deps.config);
    const say = (line: string): void => {
      screen.warn(line);
      log.warn(line);
    };
    abort.signal.throwIfAborted();
    const database = await openDatabase(folder, plan, say);
    const config = resolve(deps.config, plan, folder, database.url);
    folder.writeStack(config);
    abort.signal.throwIfAborted();
    await migrateStep({ screen, log, config, regions: plan.regions, load: deps.loadMigrate });
    screen.say(describeDoors(config));
    const processes = partProcesses({ entry: deps.entry, stackFile: folder.stackFile, logs: folder.logs });
    supervisor = createSupervisor({ processes, restartMs, drainMs, readyWithinMs: READY_WITHIN_MS, supervise, say });
    await startParts({ supervisor, plan, config, screen, signal: abort.signal });
    screen.say(
      summary({
        config,
        gatewayUrl: gatewayOf(plan),
        parts: supervisor.parts(),
        postgres: database.version === null ? null : { ...database, version: database.version, pid: postgres?.pid() },
        logs: folder.logs,
        data: folder.path,
        colors: screen.colors,
      }),
    );
  }

  async function checkPorts(plan: StackPlan, tookOver: boolean): Promise<void> {
    const problems = await (tookOver ? portProblemsAfter(plan.ports, ORPHANS_LEAVE_MS) : portProblems(plan.ports));
    if (problems.length > 0) throw new LaunchError(problems.join('\n'));
  }

  async function openDatabase(at: DataFolder, plan: StackPlan, say: (line: string) => void) {
    const { url, port } = deps.config.database;
    if (url !== undefined) {
      await screen.step(
        'database',
        () => checkOwnDatabase(url),
        v => `PostgreSQL ${v} at ${hostOf(url)}, your own`,
      );
      return { url, version: null, port };
    }
    const start = () => startOn(at, deps.config, plan.regions.length);
    postgres = keepPostgres({ start, restartMs, supervise, say });
    return screen.step('PostgreSQL', postgres.start, server => describeServer(at, server));
  }

  return {
    bringUp: () => (running ??= bringUp()),
    hasStarted: () => postgres !== undefined || supervisor !== undefined,
    async takeDown() {
      abort.abort();
      await supervisor?.stop(['agent', 'gateway', 'region', 'fleet']);
      await postgres?.stop();
      await running?.catch(() => {}); // its failure is what stopped us, or what stopping did to it
      folder?.release();
    },
    killAll() {
      abort.abort();
      supervisor?.killAll();
      postgres?.kill();
      folder?.release();
    },
  };
}

/** What every process of the stack is told. */
function resolve(config: Config, plan: StackPlan, folder: DataFolder, url: string): Config {
  const fleet = plan.parts.find(part => part.kind === 'fleet')?.url;
  return {
    ...config,
    data: folder.path,
    database: { ...config.database, url },
    fleet: { ...config.fleet, url: config.fleet.url ?? fleet },
    doors: { ...plan.doors },
  };
}

const describeDoors = ({ host, auth }: Config): string => {
  if (isLoopback(host)) {
    const why = auth.token === undefined ? 'no authentication is configured' : 'host is a loopback address';
    return `  Every door is bound to ${host} only: ${why}`;
  }
  return `  Every door on ${host} asks for the token (auth.token)`;
};

const openLauncherLog = (folder: DataFolder, config: Config): Logger =>
  pino(
    { level: config.log.level, base: { pid: process.pid, part: 'launcher' } },
    pino.destination({ dest: path.join(folder.logs, 'launcher.log'), sync: true }),
  );
