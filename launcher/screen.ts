// What `npm start` shows: one line a step with its duration, and events as they happen. On a terminal with colour and a
// spinner, elsewhere plain lines.
import pc from 'picocolors';
import { seconds } from './supervisor.ts';

export interface Screen {
  /** Shows that something is under way and, when it is done, its result or failure. */
  step<T>(label: string, work: () => Promise<T>, result?: (value: T) => string): Promise<T>;
  say(line: string): void;
  warn(line: string): void;
  fail(line: string): void;
  readonly colors: ReturnType<typeof pc.createColors>;
}

export interface Terminal {
  write(text: string): void;
  readonly isTTY?: boolean;
  on?(event: 'error', listener: () => void): unknown;
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 100;
const ERASE_LINE = '\r\x1b[2K';

export function createScreen({ out, now = () => performance.now() }: { out: Terminal; now?: () => number }): Screen {
  out.on?.('error', () => {}); // a terminal that was closed, or `| head`: the stack has to stop in order all the same
  const live = out.isTTY === true;
  const colors = pc.createColors(live && pc.isColorSupported);
  const underWay = new Set<string>();
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    if (!live || underWay.size === 0) return;
    out.write(`${ERASE_LINE}${colors.cyan(FRAMES[frame % FRAMES.length] ?? '')} ${[...underWay].join(', ')}`);
  };
  const line = (text: string): void => {
    out.write(`${live && underWay.size > 0 ? ERASE_LINE : ''}${text}\n`);
    draw();
  };
  const spin = (): void => {
    frame++;
    draw();
  };
  const begin = (label: string): void => {
    underWay.add(label);
    draw();
    timer ??= live ? setInterval(spin, FRAME_MS).unref() : undefined;
  };
  const end = (label: string): void => {
    if (live) out.write(ERASE_LINE);
    underWay.delete(label);
    if (underWay.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    colors,
    say: line,
    warn: text => line(`${colors.yellow('!')} ${text}`),
    fail: text => line(`${colors.red('✗')} ${text}`),
    async step(label, work, result = () => label) {
      const startedAt = now();
      begin(label);
      try {
        const value = await work();
        end(label);
        line(`${colors.green('✓')} ${result(value)} ${colors.dim(`(${seconds(now() - startedAt)})`)}`);
        return value;
      } catch (error) {
        end(label); // what went wrong is told once, by whoever ends the start
        throw error;
      }
    },
  };
}
