// What an agent's report makes of a host, whatever state it was in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { afterReport, heardAgain } from '../../../subgraphs/edge/inventory/hosts/host-report.ts';
import { aHost } from '../../support/builders.ts';

const AT = '2026-01-01T00:00:00.000Z';
const personality = fc.constantFrom('CONTROLLER' as const, 'WORKER' as const, null);
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

test('a host without a role is never in service', () => {
  fc.assert(
    fc.property(fc.option(state, { nil: null }), was => {
      const known = was === null ? null : { ...first(null), ...was };
      const after = afterReport(known, aHost({ personality: null }), 'id-2', AT);
      expect(after).toMatchObject({ administrative: 'LOCKED', operational: 'DISABLED', availability: 'ONLINE' });
    }),
  );
});

test('a host that reports is never OFFLINE', () => {
  fc.assert(
    fc.property(personality, personality, state, (had, says, was) => {
      const after = afterReport({ ...first(had), ...was }, aHost({ personality: says }), 'id-2', AT);
      expect(after.availability).not.toBe('OFFLINE');
    }),
  );
});

test('a host that is heard again and was not OFFLINE stays as it is', () => {
  fc.assert(
    fc.property(state, was => {
      const { operational, availability } = was;
      if (availability !== 'OFFLINE') expect(heardAgain(was)).toEqual({ operational, availability });
    }),
  );
});
