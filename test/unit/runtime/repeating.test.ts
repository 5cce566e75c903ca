// Work that is done again and again: one turn at a time, whatever the turns do.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { repeating } from '../../../subgraphs/runtime/repeating.ts';
import { eventually } from '../../support/wait.ts';

test('runs one turn at a time, goes on after a failure, and stops after the turn under way', async () => {
  const said: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void said.push(JSON.parse(line).msg) });
  let turns = 0;
  let atOnce = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    turns += 1;
    most = Math.max(most, ++atOnce);
    await new Promise(resolve => setTimeout(resolve, 10)); // longer than the interval: turns overlap if they may
    atOnce -= 1;
    if (turns === 2) throw new Error('once');
  };
  const repeated = repeating({ everyMs: 1, log, failed: 'turn failed', work });
  await eventually('some turns', () => turns >= 4);
  await repeated.stop();
  const atStop = turns;
  expect(atOnce).toBe(0);
  expect(most).toBe(1);
  expect(said).toEqual(['turn failed']);
  await new Promise(resolve => setImmediate(resolve));
  expect(turns).toBe(atStop);
});
