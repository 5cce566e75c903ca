// The centre's tables filled with regions and hosts that have labels and a capacity, and the bare SQL of what the bench asks.
import { rows, type Sql } from '../subgraphs/runtime/sql.ts';

/** Every fifth host has a GPU, one in 500 of them an A100; free huge pages run from 0 to 63. */
export async function seedHosts(sql: Sql, regions: number, hosts: number): Promise<void> {
  await rows(
    sql,
    `insert into region (id, name, endpoint, last_contact_at)
     select id, 'Region ' || id, 'http://127.0.0.1:9/' || id, now() + interval '1 day'
     from (select 'r' || lpad(n::text, 4, '0') as id from generate_series(0, $1 - 1) as n) r`,
    [regions],
  );
  await rows(
    sql,
    `insert into mirror_host (id, region, hostname, personality, administrative, operational, availability, provisioning,
       management_mac, serial_number, simulated, labels, capacity)
     select region || '/' || gen_random_uuid(), region, 'compute-' || n / $1, 'WORKER', 'UNLOCKED', 'ENABLED',
       case when n % 1000 = 7 then 'FAILED' else 'AVAILABLE' end, 'PROVISIONED',
       '02:00:' || substr(h, 1, 2) || ':' || substr(h, 3, 2) || ':' || substr(h, 5, 2) || ':' || substr(h, 7, 2), 'SN-' || n, true,
       jsonb_build_array(jsonb_build_object('key', 'rack', 'value', 'r' || n % 5000), jsonb_build_object('key', 'tier', 'value', (n % 3)::text)),
       jsonb_build_object('cpuThreads', 128, 'memoryMiB', 262144,
         'hugePages', jsonb_build_array(jsonb_build_object('pageSizeKiB', 1048576, 'total', 64, 'free', n % 64)),
         'devices', case when n % 5 = 0 then jsonb_build_array(jsonb_build_object('kind', 'GPU', 'count', 1,
           'name', case when n % 2500 = 0 then 'NVIDIA A100 80GB PCIe' else 'NVIDIA T4' end)) else '[]' end)
     from (select n, 'r' || lpad((n % $1)::text, 4, '0') as region, lpad(to_hex(n), 8, '0') as h from generate_series(0, $2 - 1) as n) as x`,
    [regions, hosts],
  );
  await rows(sql, 'analyze');
}

/** A filter as a client gives it and as one would write it by hand. */
export const FILTERED_HOSTS: readonly [name: string, filter: object, where: string][] = [
  ['first page', {}, 'true'],
  ['a MAC address', { mac: '02:00:00:00:30:39' }, `m.management_mac = '02:00:00:00:30:39'`],
  ['a serial number', { serialNumber: 'SN-4711' }, `m.serial_number = 'SN-4711'`],
  ['a label', { labels: [{ key: 'rack', value: 'r42' }] }, `m.labels @> '[{"key": "rack", "value": "r42"}]'`],
  ['failed hosts', { availability: ['FAILED'] }, `m.availability = 'FAILED'`],
  [
    'an A100',
    { device: { kind: 'GPU', name: 'a100' } },
    `m.capacity @> '{"devices": [{"kind": "GPU"}]}' and exists (select 1 from jsonb_to_recordset(m.capacity -> 'devices') as d (name text)
      where d.name ilike '%a100%')`,
  ],
  [
    '60 free 1G pages',
    { freeHugePages: { pageSizeKiB: 1_048_576, atLeast: 60 } },
    `exists (select 1 from jsonb_to_recordset(m.capacity -> 'hugePages') as p ("pageSizeKiB" int, free int)
      where p."pageSizeKiB" = 1048576 and p.free >= 60)`,
  ],
  [
    'an A100 with 60 free 1G pages',
    { device: { name: 'A100' }, freeHugePages: { pageSizeKiB: 1_048_576, atLeast: 60 } },
    `exists (select 1 from jsonb_to_recordset(m.capacity -> 'devices') as d (name text) where d.name ilike '%A100%')
     and exists (select 1 from jsonb_to_recordset(m.capacity -> 'hugePages') as p ("pageSizeKiB" int, free int)
       where p."pageSizeKiB" = 1048576 and p.free >= 60)`,
  ],
  ['part of a hostname', { hostname: 'ute-99' }, `m.hostname ilike '%ute-99%'`],
];

export const bareHosts = (sql: Sql, where: string): Promise<unknown[]> =>
  rows(sql, `select * from mirror_host m where ${where} order by region, coalesce(hostname, ''), id limit 51`);

export const bareCapacity = (sql: Sql, where = 'true'): Promise<unknown[]> =>
  rows(
    sql,
    `select count(*), sum((capacity ->> 'cpuThreads')::int), sum((capacity ->> 'memoryMiB')::int) from mirror_host where ${where}`,
  );
