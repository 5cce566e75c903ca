// What declarations make of known hosts, and a document's way to declarations and back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DeclaredHost, declareHosts } from '../../../subgraphs/edge/inventory/provisioning/declared-host.ts';
import { readHostsXml, writeHostsXml } from '../../../subgraphs/edge/inventory/provisioning/hosts-xml.ts';
import { readDeclaration, writeDeclaration } from '../../../subgraphs/edge/inventory/provisioning/xml-declaration.ts';

const MAC = (n: number): string => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;

/** Elements of one host as XML. */
type Elements = Readonly<Record<string, string | undefined>>;
const xml = (hosts: readonly Elements[]): string =>
  `<hosts>${hosts
    .map(
      host =>
        `<host>${Object.entries(host)
          .filter(([, text]) => text !== undefined)
          .map(([name, text]) => `<${name}>${text}</${name}>`)
          .join('')}</host>`,
    )
    .join('\n')}</hosts>`;

function declare(hosts: readonly Elements[], known: readonly DeclaredHost[] = []) {
  let made = 0;
  const read = readHostsXml(xml(hosts)).hosts.map(readDeclaration);
  const declared = declareHosts(
    read.map(r => r.declaration),
    known,
    () => null,
    () => `new-${known.length}-${made++}`,
  );
  return declared.map((one, i) => ({ ...one, problems: [...read[i]!.problems.map(p => p.message), ...one.problems] }));
}

const added = (hosts: readonly Elements[]): DeclaredHost[] => declare(hosts).map(one => one.host!);

const worker = { hostname: 'compute-0', personality: 'worker', mgmt_mac: MAC(1) };

describe('a declaration', () => {
  test('of a new host makes a locked one that is not there yet, with the default install', () => {
    expect(declare([{ ...worker, personality: 'compute', mgmt_mac: '02:00:00:00:00:AB' }])).toMatchObject([
      {
        outcome: 'CREATED',
        host: {
          hostname: 'compute-0',
          personality: 'WORKER',
          managementMac: '02:00:00:00:00:ab',
          administrative: 'LOCKED',
          operational: 'DISABLED',
          availability: 'OFFLINE',
          provisioning: 'UNPROVISIONED',
          install: { bootDevice: '/dev/sda', installOutput: 'TEXT', console: 'ttyS0,115200' },
        },
      },
    ]);
  });

  test('numbers controllers and storage hosts that nobody named', () => {
    const hosts = declare([
      { personality: 'controller', mgmt_mac: MAC(1) },
      { personality: 'controller', mgmt_mac: MAC(2) },
      { personality: 'storage', mgmt_mac: MAC(3) },
      { personality: 'storage', mgmt_mac: MAC(4), hostname: 'storage-0' },
    ]);
    expect(hosts.map(({ host }) => host?.hostname)).toEqual(['controller-0', 'controller-1', 'storage-1', 'storage-0']);
  });

  test('of a known host keeps what it does not say', () => {
    const known = added([{ ...worker, location: 'rack 7', bm_ip: '10.0.0.9', bm_username: 'root', console: 'tty0' }]);
    expect(declare([{ ...worker, hw_settle: '30' }], known)).toMatchObject([
      {
        outcome: 'UPDATED',
        host: {
          location: 'rack 7',
          bmc: { type: 'DYNAMIC', ip: '10.0.0.9' },
          install: { console: 'tty0', hwSettle: 30 },
        },
      },
    ]);
  });

  test('takes the BMC away when its type is none', () => {
    const known = added([{ ...worker, bm_ip: '10.0.0.9', bm_username: 'root' }]);
    expect(declare([{ ...worker, bm_type: 'none' }], known)).toMatchObject([
      { outcome: 'UPDATED', host: { bmc: null } },
    ]);
  });

  test('may exchange the names of two hosts', () => {
    const two = [worker, { ...worker, hostname: 'compute-1', mgmt_mac: MAC(2) }];
    const exchanged = [
      { ...worker, hostname: 'compute-1' },
      { ...worker, mgmt_mac: MAC(2) },
    ];
    expect(declare(exchanged, added(two)).map(one => one.outcome)).toEqual(['UPDATED', 'UPDATED']);
  });

  test.each<[string, Elements, string]>([
    ['no MAC', { mgmt_mac: undefined }, 'management MAC address: it is missing'],
    ['a MAC that is none', { mgmt_mac: '02:00' }, '<mgmt_mac>: A MAC address is six pairs'],
    ['no role', { personality: undefined }, 'personality is one of'],
    ['an unknown role', { personality: 'router' }, 'personality is one of'],
    ['a name with a space', { hostname: 'compute 0' }, '<hostname>: A hostname has'],
    ['no name for a worker', { hostname: undefined }, 'A worker needs a hostname.'],
    ['an address that is none', { mgmt_ip: '10.0.0' }, '<mgmt_ip>: Not an IPv4 or IPv6 address.'],
    ['a BMC without a user', { bm_ip: '10.0.0.9' }, 'A BMC needs a user name.'],
    ['a BMC user of two words', { bm_ip: '10.0.0.9', bm_username: 'a b' }, '1 to 16 characters'],
    ['a BMC of an unknown type', { bm_type: 'ilo', bm_ip: '10.0.0.9', bm_username: 'a' }, 'none, dynamic, ipmi'],
    ['a device that goes back', { boot_device: '/dev/../etc/passwd' }, 'goes no way back'],
    ['a console that is none', { console: 'ttyS0;reboot' }, 'ttyS0,115200'],
    ['a settle time that is no number', { hw_settle: 'soon' }, '<hw_settle>'],
    ['an unknown subfunction', { subfunctions: 'worker,magic' }, '<subfunctions>: A subfunction is one of'],
    ['a version that is none', { sw_version: 'latest' }, '24.09.1'],
  ])('with %s is rejected', (_, wrong, message) => {
    const [{ outcome, host, problems }] = declare([{ ...worker, ...wrong }]) as [ReturnType<typeof declare>[number]];
    expect({ outcome, host }).toEqual({ outcome: 'REJECTED', host: null });
    expect(problems).toContainEqual(expect.stringContaining(message));
  });

  test.each(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01'])('of %s is of no port', mgmt_mac => {
    expect(declare([{ ...worker, mgmt_mac }])[0]!.problems).toEqual([expect.stringContaining('No port has this MAC')]);
  });

  test('lists every fault of a host at once', () => {
    expect(declare([{ mgmt_mac: 'x', personality: 'y', mgmt_ip: 'z' }])[0]!.problems).toHaveLength(3);
  });

  test.each<[string, Elements[], string]>([
    ['MAC address', [worker, { ...worker, hostname: 'compute-1' }], 'appears twice'],
    [
      'hostname',
      [worker, { ...worker, mgmt_mac: MAC(2) }],
      'The hostname compute-0 belongs to compute-0 (02:00:00:00:00:01).',
    ],
    [
      'address',
      [
        { ...worker, mgmt_ip: '10.0.0.1' },
        { ...worker, hostname: 'b', mgmt_mac: MAC(2), mgmt_ip: '10.0.0.1' },
      ],
      'The management IP address 10.0.0.1 belongs to compute-0 (02:00:00:00:00:01).',
    ],
  ])('that takes the %s of another one in the same document is rejected', (_, hosts, message) => {
    expect(declare(hosts)).toMatchObject([{ outcome: 'CREATED' }, { problems: [expect.stringContaining(message)] }]);
  });

  test('that makes a known host the third controller is rejected', () => {
    const hosts = added([1, 2].map(n => ({ personality: 'controller', mgmt_mac: MAC(n) })));
    const unknown = {
      ...hosts[0]!,
      id: 'found',
      identity: MAC(3),
      managementMac: MAC(3),
      hostname: null,
      personality: null,
    };
    expect(declare([{ personality: 'controller', mgmt_mac: MAC(3) }], [...hosts, unknown])).toMatchObject([
      { problems: ['A region has at most 2 controllers.'] },
    ]);
    expect(declare([{ ...worker, mgmt_mac: MAC(3) }], [...hosts, unknown])).toMatchObject([{ outcome: 'UPDATED' }]);
  });

  test('of a third controller is rejected', () => {
    const controllers = [1, 2, 3].map(n => ({ personality: 'controller', mgmt_mac: MAC(n) }));
    expect(declare(controllers).map(one => one.outcome)).toEqual(['CREATED', 'CREATED', 'REJECTED']);
  });

  test('changes no role', () => {
    expect(declare([{ ...worker, personality: 'storage' }], added([worker]))).toMatchObject([
      { outcome: 'REJECTED', problems: [expect.stringContaining('a role is fixed for life')] },
    ]);
  });

  test('of an unlocked host may move it and its BMC, and nothing that it was started with', () => {
    const unlocked = added([worker]).map(host => ({ ...host, administrative: 'UNLOCKED' as const }));
    expect(declare([{ ...worker, location: 'rack 8' }], unlocked)).toMatchObject([{ outcome: 'UPDATED' }]);
    expect(declare([{ ...worker, console: 'tty1' }], unlocked)).toMatchObject([
      { outcome: 'REJECTED', problems: ['The host is unlocked: lock it first to change install.'] },
    ]);
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const aHost = fc.record(
  {
    hostname: name,
    personality: fc.constantFrom('worker', 'storage', 'edgeworker'),
    mgmt_ip: fc.ipV4(),
    location: fc.stringMatching(/^[a-z ,]{0,20}$/),
    bm_type: fc.constantFrom('none', 'ipmi', 'redfish'),
    install_output: fc.constantFrom('text', 'graphical'),
    hw_settle: fc.nat(3_600).map(String),
    subfunctions: fc.constantFrom('worker', 'worker,lowlatency'),
    sw_version: fc.constantFrom('24.09', '24.09.1'),
    apparmor: fc.constantFrom('enabled', 'disabled'),
  },
  { requiredKeys: ['hostname', 'personality'] },
);
const aDocument = fc.uniqueArray(aHost, { maxLength: 8, minLength: 1, selector: host => host.hostname }).map(hosts =>
  hosts.map((host, n) => ({
    ...host,
    mgmt_ip: host.mgmt_ip && `10.0.0.${n}`,
    mgmt_mac: MAC(n),
    ...(host.bm_type && host.bm_type !== 'none' ? { bm_ip: `10.1.0.${n}`, bm_username: 'root' } : {}),
  })),
);

describe('for every document', () => {
  test('the second import changes nothing, nor does the import of its export', () => {
    fc.assert(
      fc.property(aDocument, document => {
        const first = declare(document);
        expect(first.map(one => one.outcome)).toEqual(document.map(() => 'CREATED'));
        const known = first.map(one => one.host!);
        expect(declare(document, known).map(one => one.outcome)).toEqual(document.map(() => 'UNCHANGED'));
        const exported = readHostsXml(writeHostsXml(known.map(writeDeclaration))).hosts.map(readDeclaration);
        const again = declareHosts(
          exported.map(r => r.declaration),
          known,
          () => null,
          String,
        );
        expect(again.map(one => one.outcome)).toEqual(document.map(() => 'UNCHANGED'));
      }),
    );
  });
});
