// What an agent's report makes of a host, whatever state it was in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { afterReport } from '../../../subgraphs/edge/inventory/hosts/host-report.ts';
import { aHost } from '../../support/builders.ts';

const AT = '2026-01-01T00:00:00.000Z';
const first = (role: HostRow['personality']): HostRow => afterReport(null, aHost({ personality: role }), 'id-1', AT);
const state = fc.record({
  administrative: fc.constantFrom('LOCKED' as const, 'UNLOCKED' as const),
  operational: fc.constantFrom('ENABLED' as const, 'DISABLED' as const),
  availability: fc.constantFrom('AVAILABLE' as const, 'DEGRADED' as const, 'OFFLINE' as const, 'ONLINE' as const),
});

test('a report never changes id, labels, role once given, or the administrative state of a host with a role', () => {
  fc.assert(
    fc.property(fc.constantFrom('CONTROLLER' as const, 'WORKER' as const), state, (role, was) => {
      const known = { ...first(role), ...was, labels: [{ key: 'rack', value: 'r1' }] };
      const after = afterReport(known, aHost({ personality: null, hostname: null }), 'id-2', AT);
      const { id, labels, administrative, hostname, personality } = known;
      expect(after).toMatchObject({ id, labels, administrative, hostname, personality });
    }),
  );
});

test('a new host with a role is in service, one without never, and a role that comes later brings it there', () => {
  expect(first('WORKER')).toMatchObject({
    administrative: 'UNLOCKED',
    operational: 'ENABLED',
    provisioning: 'PROVISIONED',
  });
  const unnamed = first(null);
  expect(unnamed).toMatchObject({ administrative: 'LOCKED', operational: 'DISABLED', provisioning: 'UNPROVISIONED' });
  const named = afterReport(unnamed, aHost({ personality: 'WORKER' }), 'id-2', AT);
  expect(named).toMatchObject({
    id: 'id-1',
    administrative: 'UNLOCKED',
    operational: 'ENABLED',
    availability: 'AVAILABLE',
  });
});

test('a report leaves the state of a known host to the lifecycle', () => {
  fc.assert(
    fc.property(fc.constantFrom('CONTROLLER' as const, 'WORKER' as const), state, (had, was) => {
      const after = afterReport({ ...first(had), ...was }, aHost({ personality: had }), 'id-2', AT);
      expect(after).toMatchObject(was);
    }),
  );
});
