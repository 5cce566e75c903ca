// What the state of a host is, in alarms: locked, failed. Pure.
import type { Condition } from '../conditions/host-condition.ts';
import type { HostRow } from '../hosts/host.ts';

/** A host that was never in service is missed by nobody: being locked is no alarm of it. */
export function lifecycleConditions({
  administrative,
  provisioning,
  availability,
  hostname,
  failure,
}: Pick<HostRow, 'administrative' | 'provisioning' | 'availability' | 'hostname' | 'failure'>): Condition[] {
  const name = hostname ?? 'The host';
  if (administrative === 'LOCKED' && provisioning === 'PROVISIONED')
    return [
      {
        alarmId: '200.001',
        instance: '',
        severity: 'WARNING',
        reasonText: `${name} was administratively locked to take it out-of-service.`,
      },
    ];
  if (administrative === 'UNLOCKED' && availability === 'FAILED')
    return [
      {
        alarmId: '200.004',
        instance: '',
        severity: 'CRITICAL',
        reasonText: `${name} experienced a service-affecting failure. ${failure ?? ''}`.trim(),
      },
    ];
  return [];
}
