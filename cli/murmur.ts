#!/usr/bin/env node
// The command line: names the commands and their flags. Each command loads what it runs only when it is called.
import { Command, InvalidArgumentError } from 'commander';
import { isRegionId } from '../schema/identity.ts';
import { runAgent, runFleet, runGateway, runRegions } from './commands/part.ts';

const program = new Command('murmur')
  .description('One graph over every edge cloud')
  .showHelpAfterError('(murmur --help tells more)');

const whole = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('It has to be a whole number.');
  return value;
};
const region = (id: string, others: readonly string[] = []): string[] => {
  if (!isRegionId(id)) throw new InvalidArgumentError('It is no region id, such as paris-1.');
  return [...others, id];
};

/** A command that takes its settings from a file, the environment and flags. */
const command = (name: string, description: string): Command =>
  program.command(name).description(description).option('--config <file>', 'JSON file with settings');

command('up', 'start everything on this machine (npm start)')
  .option('--fresh', 'remove the data of earlier runs first')
  .option('--regions <number>', 'how many regions to run', whole)
  .option('--no-supervise', 'leave dead what dies')
  .option('--data <folder>', 'where everything is kept (.murmuration)')
  .option('--gateway-port <port>', 'port of the gateway (4000)', whole)
  .option('--fleet-port <port>', 'port of the centre (4001)', whole)
  .option('--postgres-port <port>', 'port of the embedded PostgreSQL (4002)', whole)
  .option('--region-port-base <port>', 'port of the first region (4101)', whole)
  .action(async flags => (await import('./commands/up.ts')).runUp(flags));

command('migrate', 'bring all databases up to date')
  .option('--down', 'take back the last migration of each subgraph instead')
  .option('--data <folder>', 'where everything is kept (.murmuration)')
  .option('--postgres-port <port>', 'port of the embedded PostgreSQL (4002)', whole)
  .action(async flags => (await import('./commands/migrate.ts')).runMigrate(flags));

command('fleet', 'run the centre').action(flags => runFleet(flags));
command('gateway', 'run the gateway').action(flags => runGateway(flags));
command('region', 'run regions: their doors and their three subgraphs')
  .argument('<ids...>', 'region ids', region)
  .action((ids: string[], flags) => runRegions(ids, flags));
command('agent', 'report this machine, or simulated hosts, to regions')
  .argument('<ids...>', 'region ids', region)
  .option('--simulated', 'make hosts up instead of looking at this machine')
  .action((ids: string[], flags) => runAgent(ids, flags));

await program.parseAsync();
