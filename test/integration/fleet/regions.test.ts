// Regions join, change and leave the graph.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre } from './fleet-house.ts';

const left = leftovers();
let centre: Centre;
let house: House;

beforeAll(async () => {
  house = await aHouse(['accra-1', 'lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
});

const DEAD = 'http://127.0.0.1:9'; // the discard port: nothing of ours listens there
let made = 0;
const aRegion = (overrides: Record<string, unknown> = {}) => {
  const id = `region-${++made}`;
  return { id, endpoint: `${DEAD}/${overrides['id'] ?? id}`, ...overrides };
};

describe('addRegion', () => {
  test('takes a region with all that may be said of it; it is NEVER until it was heard of', async () => {
    const said = {
      name: 'Lagos',
      description: 'on the lagoon',
      group: 'west',
      location: { label: 'Lagos', latitude: 6.5 },
      labels: [{ key: 'tier', value: 'gold' }],
    };
    const input = aRegion(said);
    const { region, userErrors } = await centre.change('addRegion', input);
    expect(userErrors).toEqual([]);
    expect(region).toMatchObject({
      ...said,
      id: input.id,
      endpoint: input.endpoint,
      group: { name: 'west' },
      management: 'MANAGED',
    });
    expect(region.contact).toMatchObject({ state: 'NEVER', lastContactAt: null });
    expect(region.alarmSummary).toMatchObject({ status: 'UNKNOWN', asOf: null, critical: 0 });
    await eventually('a reason', async () => (await centre.region(input.id)).contact.reason?.includes('refused'));
  });

  test.each([
    ['an upper-case id', { id: 'Lagos' }, 'id'],
    ['an id that ends in a dash', { id: 'lagos-' }, 'id'],
    ['an id of 64 characters', { id: 'l'.repeat(64) }, 'id'],
    ['an endpoint whose path is not the id', { endpoint: `${DEAD}/other` }, 'endpoint'],
    ['an endpoint without a path', { endpoint: DEAD }, 'endpoint'],
    ['an endpoint that is no address', { endpoint: 'nonsense' }, 'endpoint'],
    ['an endpoint of another protocol', { id: 'ftp-1', endpoint: 'ftp://127.0.0.1/ftp-1' }, 'endpoint'],
    ['an empty name', { name: '' }, 'name'],
    ['a latitude of 91 degrees', { location: { latitude: 91 } }, 'location'],
  ])('refuses %s and says where', async (_, wrong, field) => {
    const input = aRegion(wrong);
    const { region, userErrors } = await centre.change('addRegion', input);
    expect(region).toBeNull();
    expect(userErrors[0].path.slice(0, 2)).toEqual(['input', field]);
    expect((await centre.rows('select 1 from region where id = $1', [input.id])).length).toBe(0);
  });

  test('refuses a region that is there already, and one of two that come at once', async () => {
    const input = aRegion();
    await centre.change('addRegion', input);
    expect((await centre.change('addRegion', input)).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
    const other = aRegion();
    const both = await Promise.all([1, 2].map(() => centre.change('addRegion', other)));
    expect(both.map(payload => payload.userErrors[0]?.code ?? 'added').sort()).toEqual(['ALREADY_EXISTS', 'added']);
  });

  test('under an idempotencyKey answers a repeat as it answered first', async () => {
    const input = { ...aRegion(), idempotencyKey: randomUUID() };
    const first = await centre.change('addRegion', input, 'region { id name addedAt }');
    expect(await centre.change('addRegion', input, 'region { id name addedAt }')).toEqual(first);
    const other = await centre.change('addRegion', { ...input, name: 'Other' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    const wrongOperation = { id: input.id, idempotencyKey: input.idempotencyKey };
    expect((await centre.change('removeRegion', wrongOperation, 'id')).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
  });
});

describe('updateRegion', () => {
  test('changes what is given, empties what is null, keeps the rest', async () => {
    const input = aRegion({ name: 'Old', description: 'kept', group: 'west' });
    await centre.change('addRegion', input);
    const { region } = await centre.change('updateRegion', { id: input.id, name: 'New', group: null });
    expect(region).toMatchObject({ name: 'New', description: 'kept', group: null, endpoint: input.endpoint });
  });

  test('refuses the door of another region, an address that is none, and a region that is not there', async () => {
    const { id } = (await centre.change('addRegion', aRegion())).region;
    for (const endpoint of [`${DEAD}/other`, 'nonsense'])
      expect((await centre.change('updateRegion', { id, endpoint })).userErrors[0].path).toEqual(['input', 'endpoint']);
    expect((await centre.change('updateRegion', { id: 'none', name: 'N' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });

  test('unmanageRegion and manageRegion switch what the centre may do', async () => {
    const { id } = (await centre.change('addRegion', aRegion())).region;
    expect((await centre.change('unmanageRegion', { id })).region.management).toBe('UNMANAGED');
    expect((await centre.change('manageRegion', { id })).region.management).toBe('MANAGED');
  });
});

describe('removeRegion', () => {
  const mirrored = (id: string) => () => centre.alarms({ regions: [id] }).then(list => list.totalCount === 1);

  test('forgets all that was copied of the region and leaves the region itself alone', async () => {
    const door = hands(house, 'accra-1');
    await door.raise();
    await door.host();
    await centre.change('addRegion', { id: 'accra-1', endpoint: house.door('accra-1') });
    await eventually('the mirror', mirrored('accra-1'));
    expect(await centre.change('removeRegion', { id: 'accra-1' }, 'id')).toEqual({ id: 'accra-1', userErrors: [] });
    expect(await centre.region('accra-1')).toBeNull();
    for (const table of ['mirror_alarm', 'mirror_host', 'region_position'])
      expect(await centre.rows(`select 1 from ${table} where region = 'accra-1'`)).toEqual([]);
    expect((await door.region('faults', 'alarms { totalCount }')).alarms.totalCount).toBe(1);
    expect((await centre.change('removeRegion', { id: 'accra-1' }, 'id')).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });

  test('and added again before anyone looked, the region is copied anew', async () => {
    const door = hands(house, 'lagos-1');
    await door.raise();
    const input = { id: 'lagos-1', endpoint: house.door('lagos-1') };
    await centre.change('addRegion', input);
    await eventually('the mirror', mirrored('lagos-1'));
    // as another replica would: this one sees only the outcome
    await centre.rows(
      `with gone as (delete from region where id = 'lagos-1' returning *)
       select 1 from gone`,
    );
    await centre.rows(`insert into region (id, name, endpoint) values ('lagos-1', 'lagos-1', $1)`, [input.endpoint]);
    await eventually('the mirror again', mirrored('lagos-1'));
  });
});

describe('an endpoint behind which another region answers', () => {
  test('is not mirrored, and the reason says which region is there', async () => {
    const impostor = await aHouse(['oslo-1']);
    left.add(() => impostor.stop());
    await hands(impostor).raise();
    const { createServer, request } = await import('node:http');
    // a middle box that sends /bergen-1 to /oslo-1
    const proxy = createServer((req, res) => {
      const to = `${impostor.door()}${req.url!.slice('/bergen-1'.length)}`;
      req.pipe(
        request(to, { method: req.method, headers: req.headers }, answer => {
          res.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(res);
        }).on('error', () => res.destroy()),
      );
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    left.add(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const { port } = proxy.address() as { port: number };
    await centre.change('addRegion', { id: 'bergen-1', endpoint: `http://127.0.0.1:${port}/bergen-1` });
    const { contact } = await eventually('a reason', async () => {
      const region = await centre.region('bergen-1');
      return region.contact.reason?.includes('oslo-1') && region;
    });
    expect(contact.state).toBe('NEVER');
    expect((await centre.alarms({ regions: ['bergen-1'] })).totalCount).toBe(0);
  });
});
