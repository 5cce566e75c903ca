// A process of its own: prepares all schemas of one database several times over at once, as many parts that start would.

import { openLog } from '../../../runtime/log.ts';
import { centreTables, edgeTables } from '../../../subgraphs/migrate.ts';
import { prepareDatabase } from '../../../subgraphs/runtime/database.ts';

const [url, database, times] = process.argv.slice(2);
const log = openLog({ log: { level: 'silent' } }, {});

process.once('message', () => void prepareAll()); // all processes are up: now at once
process.send?.('up');

async function prepareAll(): Promise<void> {
  const starts = Array.from({ length: Number(times) }, () =>
    [...centreTables, ...edgeTables].map(tables =>
      prepareDatabase({ url: url!, database: database!, tables, poolSize: 1, log }),
    ),
  );
  const ran = (await Promise.all(starts.flat())).reduce((sum, n) => sum + n, 0);
  process.send?.({ ran });
  process.disconnect();
}
