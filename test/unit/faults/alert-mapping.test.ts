// Which alarm a Prometheus alert is: the rule of docs/alertmanager.md, example by example and as a property.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import { RaiseAlarmChecks } from '../../../subgraphs/edge/faults/alarms/alarm-input.ts';
import type { Raise } from '../../../subgraphs/edge/faults/alarms/alarm-lifecycle.ts';
import { hostnameOf, parseEntityInstance } from '../../../subgraphs/edge/faults/alarms/entity-instance.ts';
import { foreignAlarmId, mapAlert } from '../../../subgraphs/edge/faults/alertmanager/alert-mapping.ts';

const catalogue = readCatalogue();

type Labels = Readonly<Record<string, string>>;

function raiseOf(labels: Labels, annotations: Labels = {}): Raise {
  const mapped = mapAlert({ labels, annotations }, catalogue);
  if ('refusal' in mapped) throw new Error(mapped.refusal);
  return mapped.raise;
}
const keyOf = (labels: Labels): string => {
  const { alarmId, entityInstanceId } = raiseOf(labels);
  return `${alarmId} ${entityInstanceId}`;
};

describe('the alarmId', () => {
  test('is the label alarm_id when it has the form of one', () => {
    expect(raiseOf({ alertname: 'A', alarm_id: '100.104' }).alarmId).toBe('100.104');
    expect(raiseOf({ alarm_id: '100.104', instance: 'h' })).toMatchObject({ entityInstanceId: 'host=h' });
  });

  test('is else a number of the foreign range, for ever the same for one alertname', () => {
    expect(foreignAlarmId('NodeDown')).toBe('990.281');
    for (const alarm_id of ['', '100', 'x100.104', '100.1040'])
      expect(raiseOf({ alertname: 'NodeDown', alarm_id }).alarmId).toBe('990.281');
  });

  test('is never an event log of the catalogue: an alert has a state', () => {
    expect(raiseOf({ alertname: 'NodeDown', alarm_id: '401.005', instance: 'h' })).toMatchObject({
      alarmId: '990.281',
      entityInstanceId: 'host=h.alert=NodeDown.alarm_id=401.005',
    });
    expect(mapAlert({ labels: { alarm_id: '401.005' }, annotations: {} }, catalogue)).toHaveProperty('refusal');
  });

  test('without either label is refused by name', () => {
    expect(mapAlert({ labels: { instance: 'h' }, annotations: {} }, catalogue)).toEqual({
      refusal: 'labels.alertname or labels.alarm_id is missing',
    });
  });
});

describe('the entity instance', () => {
  test.each<[string, Labels, string]>([
    [
      'host, alert, port and the rest in order',
      { alertname: 'A', instance: 'n-1:9100', zone: 'z', job: 'node' },
      'host=n-1.alert=A.instance-port=9100.job=node.zone=z',
    ],
    ['severity belongs to it', { alertname: 'A', instance: 'n-1', severity: 'page' }, 'host=n-1.alert=A.severity=page'],
    ['no instance', { alertname: 'A' }, 'alert=A'],
    ['IPv6', { alertname: 'A', instance: '[fd00::1]:9100' }, 'host=fd00::1.alert=A.instance-port=9100'],
    ['an address is all host', { alertname: 'A', instance: 'https://x.y/health' }, 'host=https://x.y/health.alert=A'],
    ['dots in a name', { alertname: 'A', instance: 'a.b.c:1' }, 'host=a.b.c.alert=A.instance-port=1'],
    ['what would read as a pair is encoded', { alertname: 'A', q: 'x.y=1%' }, 'alert=A.q=x.y%3D1%25'],
    ['what would read as a component is encoded', { alertname: 'A', instance: 'pool.ntp' }, 'host=pool%2Entp.alert=A'],
    ['an empty label is none', { alertname: 'A', job: '' }, 'alert=A'],
    ['the replica of Prometheus tells nothing', { alertname: 'A', prometheus_replica: 'p-0' }, 'alert=A'],
    [
      'as given, with the alert',
      { alertname: 'A', entity_instance_id: 'host=c-0.filesystem=/var', job: 'j' },
      'host=c-0.filesystem=/var.alert=A',
    ],
    [
      'as given, whole',
      { alertname: 'A', alarm_id: '100.104', entity_instance_id: 'host=c-0.filesystem=/var' },
      'host=c-0.filesystem=/var',
    ],
    [
      'given in a wrong form is one more label',
      { alertname: 'A', entity_instance_id: 'c-0' },
      'alert=A.entity_instance_id=c-0',
    ],
  ])('%s', (_, labels, entity) => {
    expect(raiseOf(labels).entityInstanceId).toBe(entity);
  });

  test('that is too long keeps its host and ends in a hash of all labels', () => {
    const labels = { alertname: 'A', instance: 'n-1:9100', long: 'x'.repeat(300) };
    const { entityInstanceId } = raiseOf(labels);
    expect(entityInstanceId).toMatch(/^host=n-1\.alert=A\.instance-port=9100\.label-hash=[0-9a-f]{16}$/);
    expect(raiseOf({ ...labels, long: `${'x'.repeat(299)}y` }).entityInstanceId).not.toBe(entityInstanceId);
  });

  test('takes label names of any language by their hash', () => {
    const [one, two] = ['a', 'b'].map(value => raiseOf({ alertname: 'A', 'http.status': value }).entityInstanceId);
    expect(one).toMatch(/^alert=A\.label-hash=/);
    expect(two).not.toBe(one);
  });
});

describe('severity', () => {
  test.each([
    ['critical', 'CRITICAL'],
    ['Critical', 'CRITICAL'],
    ['major', 'MAJOR'],
    ['error', 'MAJOR'],
    ['page', 'MAJOR'],
    ['minor', 'MINOR'],
    ['warning', 'WARNING'],
    ['info', 'WARNING'],
    ['none', 'WARNING'],
  ])('%s is %s', (severity, wanted) => {
    expect(raiseOf({ alertname: 'A', severity })).toMatchObject({ severity: wanted, reasonText: 'Alert A is firing' });
  });

  test('in a word of its own is a WARNING that keeps the word', () => {
    expect(raiseOf({ alertname: 'A', severity: 'purple' }, { summary: 'Hot' })).toMatchObject({
      severity: 'WARNING',
      reasonText: 'Hot (severity purple)',
    });
  });

  test('left out is a WARNING', () => expect(raiseOf({ alertname: 'A' }).severity).toBe('WARNING'));
});

describe('the reason', () => {
  test('is summary and description, each once', () => {
    expect(raiseOf({ alertname: 'A' }, { summary: 'Hot', description: '91 °C' }).reasonText).toBe('Hot: 91 °C');
    expect(raiseOf({ alertname: 'A' }, { summary: 'Hot', description: 'Hot' }).reasonText).toBe('Hot');
    expect(raiseOf({ alertname: 'A' }, { message: 'Hot' }).reasonText).toBe('Hot');
  });

  test('of any length and any characters can be stored', () => {
    const { reasonText } = raiseOf({ alertname: 'A' }, { summary: `\0\uD800${'😀'.repeat(900)}` });
    expect(reasonText!.length).toBeLessThanOrEqual(1_000);
    expect(reasonText).not.toMatch(/[\0\p{Cs}]/u);
  });
});

const name = fc.oneof(
  fc.constantFrom('alertname', 'instance', 'severity', 'job', 'host', 'alert', 'pod', 'instance_port', 'http.code'),
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/),
);
const value = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a:1',
    'a:2',
    '[a::]:1',
    'a.ntp',
    'a%2Entp',
    'x.host=a',
    'x%3D',
    'critical',
    'warning',
    '\0',
  ),
  fc.string({ unit: fc.constantFrom(...'ab.=%:1/ntp'.split('')), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const labels = fc
  .dictionary(name, value, { maxKeys: 6, noNullPrototype: true })
  .map(some => ({ alertname: 'HighLoad', ...some }))
  .filter(({ alertname }) => alertname !== '');

/** What Prometheus holds two alerts to be the same by, without what is left out on purpose. */
const identityOf = (some: Labels): string =>
  JSON.stringify(
    Object.entries(some)
      .filter(([key, text]) => text !== '' && key !== 'prometheus_replica')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe('any labels', () => {
  test('make the same alarm again, in whatever order they come', () => {
    fc.assert(
      fc.property(labels, some => {
        expect(keyOf(Object.fromEntries(Object.entries(some).reverse()))).toBe(keyOf(some));
      }),
      { numRuns: 500 },
    );
  });

  test('that differ make another alarm', () => {
    const near = fc
      .tuple(labels, name, value, fc.boolean())
      .map(([some, key, text, alone]): [Labels, Labels] => [
        some,
        alone ? { alertname: 'HighLoad', [key]: text } : { ...some, [key]: text },
      ]);
    fc.assert(
      fc.property(near, ([one, other]) => {
        fc.pre(Boolean(other['alertname']) && identityOf(one) !== identityOf(other));
        expect(keyOf(other)).not.toBe(keyOf(one));
      }),
      { numRuns: 3_000 },
    );
  });

  test('make an alarm that the region takes, on the host that they name', () => {
    fc.assert(
      fc.property(labels, some => {
        const raise = raiseOf(some);
        expect(RaiseAlarmChecks.safeParse(raise).error).toBeUndefined();
        expect(raise.entityInstanceId).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        const host = hostnameOf(parseEntityInstance(raise.entityInstanceId)!);
        if (/^[ab]$/.test(some['instance' as keyof typeof some] ?? ''))
          expect(host).toBe(some['instance' as 'alertname']);
      }),
      { numRuns: 1_000 },
    );
  });
});
