// Runs ipmitool for one BMC, a command at a time. The password goes by the environment: arguments show in every `ps`.
import { execFile } from 'node:child_process';
import { commandEnvironment } from '../../../../../runtime/config.ts';
import { BmcError, shown } from '../bmc-error.ts';

export interface IpmiTarget {
  /** Name or path of ipmitool. */
  readonly tool: string;
  readonly ip: string;
  readonly username: string;
  readonly password: string;
}

export type Ipmitool = (args: readonly string[], signal: AbortSignal) => Promise<string>;

const DEADLINE_MS = 30_000; // a list of 200 sensors over a slow BMC takes 20 s
const LARGEST_OUTPUT = 4 * 1024 * 1024; // bytes

export function ipmitool(target: IpmiTarget): Ipmitool {
  let last: Promise<unknown> = Promise.resolve(); // a BMC takes one session at a time well
  return (args, signal) => {
    const next = last.then(() => run(target, args, signal));
    last = next.catch(() => undefined);
    return next;
  };
}

function run({ tool, ip, username, password }: IpmiTarget, args: readonly string[], signal: AbortSignal) {
  return new Promise<string>((resolve, reject) => {
    execFile(
      tool,
      ['-I', 'lanplus', '-H', ip, '-U', username, '-E', ...args],
      {
        env: commandEnvironment({ IPMI_PASSWORD: password }),
        timeout: DEADLINE_MS,
        killSignal: 'SIGKILL',
        maxBuffer: LARGEST_OUTPUT,
        signal,
      },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(failure(error, tool, args, shown(stderr.replace(NOISE, ''), [password]))),
    );
  });
}

const LOGIN_REFUSED = /RAKP|invalid (user|password)|unauthorized/i;
/** It says the same of a machine that is not there and, on some BMCs, of a wrong password: then nobody knows which. */
const NO_ANSWER = /Unable to establish|timeout|no response|unreachable|Address lookup/i;
/** What ipmitool says on machines without the list of manufacturers; nothing follows from it. */
const NOISE = /IANA PEN registry open failed: [^\n]*\n?/g;

function failure(error: Error & { killed?: boolean }, tool: string, args: readonly string[], words: string): BmcError {
  const what = `ipmitool ${args.join(' ')}`;
  if ((error as NodeJS.ErrnoException).code === 'ENOENT')
    return new BmcError(
      'NO_TOOL',
      `${tool} is not on this machine: install ipmitool, or give the BMC the type REDFISH.`,
    );
  if (error.killed) return new BmcError('SILENT', `${what} did not end within ${DEADLINE_MS} ms.`);
  if (LOGIN_REFUSED.test(words)) return new BmcError('UNAUTHORIZED', `The BMC refused ${what}: ${words}`);
  if (NO_ANSWER.test(words)) return new BmcError('UNREACHABLE', `The BMC does not let ${what} in: ${words}`);
  return new BmcError('REFUSED', `${what} failed: ${words || 'it said nothing'}`);
}
