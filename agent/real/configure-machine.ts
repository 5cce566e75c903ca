// Carries out a configuration on the very machine: by its own hand what it can, all else by the operator's command. Each
// part by itself: one that cannot be done holds up no other.
import { type InterfaceConfiguration, type NodalConfiguration, partNames } from '../configuration.ts';
import type { PartOutcome } from '../host-task.ts';
import { runConfigureCommand } from './configure-command.ts';
import { type SystemSettings, setHugePages, setMtu } from './system-settings.ts';

export interface ConfigureDeps {
  readonly system: SystemSettings;
  /** The setting agent.configureCommand. */
  readonly command: readonly string[] | undefined;
  /** Milliseconds that it may take. */
  readonly commandMs: number;
}

const NO_COMMAND = 'Its agent cannot do this by itself: give it a program that can (agent.configureCommand).';

export async function configureMachine(
  { system, command, commandMs }: ConfigureDeps,
  configuration: NodalConfiguration,
  signal: AbortSignal,
): Promise<PartOutcome[]> {
  const { cpu, interfaces, partitions, storage } = configuration;
  const refusal = command ? await runConfigureCommand(command, configuration, commandMs, signal) : NO_COMMAND;
  const ofOthers = [
    ...cpu.map(partNames.cpu),
    ...partitions.map(partNames.partitions),
    ...storage.map(partNames.storage),
  ];
  const ofInterface = (wanted: InterfaceConfiguration): string | null =>
    command || needsCommand(wanted) ? refusal : null;
  return [
    ...(await setWhatBootsForget(system, configuration)).map(outcome => {
      const wanted = interfaces.find(one => partNames.interfaces(one) === outcome.part);
      return { ...outcome, refusal: outcome.refusal ?? (wanted ? ofInterface(wanted) : null) };
    }),
    ...ofOthers.map(part => ({ part, refusal })),
  ];
}

/** An interface that has to be made, or cut into virtual functions. A port has only its MTU to take. */
const needsCommand = ({ type, vfCount }: InterfaceConfiguration): boolean => type !== 'ETHERNET' || vfCount !== null;

/** What is set in the running kernel only. */
export async function setWhatBootsForget(
  system: SystemSettings,
  { memory, interfaces }: NodalConfiguration,
): Promise<PartOutcome[]> {
  const outcomes = await setHugePages(system, memory);
  for (const wanted of interfaces)
    outcomes.push({ part: partNames.interfaces(wanted), refusal: await setMtu(system, wanted) });
  return outcomes;
}
