// A process that adds events for ever and says which of them it was told are safe. It is there to be killed.
import { pino } from 'pino';
import { openEventQueue } from '../../../agent/queue/queue-folder.ts';
import { loadConfig } from '../../../runtime/config.ts';

const [folder] = process.argv.slice(2);
const config = loadConfig({ env: {}, flags: { agent: { queueFolder: folder!, queueEntries: 1_000_000 } } });
const queue = openEventQueue(config, 'lagos-1', true, pino({ level: 'silent' }));

let made = 0;
for (;;) {
  const burst = Array.from({ length: 1 + (made % 7) }, () => ++made);
  const told = burst.map(async i => {
    const isSafe = await queue.add({ operation: 'raiseAlarm', input: { i, filler: 'x'.repeat(200) } });
    if (isSafe) process.stdout.write(`${i}\n`);
  });
  // half of the bursts overtake the sync of the one before
  if (made % 2 === 0) await Promise.all(told);
  else await new Promise(resolve => setImmediate(resolve));
}
