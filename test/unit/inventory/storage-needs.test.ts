// What a region's storage needs of its hosts: two monitors of three, and one copy of what is stored.
import { describe, expect, test } from 'vitest';
import { type StorageMember, storageRefusal } from '../../../subgraphs/edge/inventory/lifecycle/storage-needs.ts';

/** `controller-0 storage-0!`: a mark says that it is out of service, or on its way there. */
const region = (hosts: string): StorageMember[] =>
  hosts.split(' ').map(word => {
    const hostname = word.replace('!', '');
    const personality = hostname.startsWith('storage') ? 'STORAGE' : 'CONTROLLER';
    return { id: hostname, hostname, personality, stays: !word.endsWith('!') };
  });

describe('the storage of a region', () => {
  test.each([
    ['any one of three monitors may go', 'controller-0 controller-1 storage-0', 'controller-1', null],
    ['so may the storage host', 'controller-0 controller-1 storage-0', 'storage-0', null],
    [
      'a second one may not',
      'controller-0 controller-1! storage-0',
      'storage-0',
      /controller-0 would be: bring controller-1/,
    ],
    [
      'nor the controller beside a lost storage host',
      'controller-0 controller-1 storage-0!',
      'controller-1',
      /bring storage-0/,
    ],
    ['which has a quorum no more is no reason', 'controller-0! controller-1! storage-0', 'storage-0', null],
    ['and what is lost already may go', 'controller-0 controller-1! storage-0', 'controller-1', null],
    ['of one controller needs it', 'controller-0 storage-0', 'storage-0', /add a second controller/],
    ['has no monitor on the second storage host', 'controller-0 controller-1! storage-0 storage-1', 'storage-1', null],
    [
      'keeps one storage host in service',
      'controller-0 controller-1 storage-0! storage-1',
      'storage-1',
      /last storage host.*bring storage-0/,
    ],
    [
      'whichever',
      'controller-0 controller-1 storage-0 storage-1! storage-2!',
      'storage-0',
      /bring storage-1 or storage-2/,
    ],
    ['says nothing of workers', 'controller-0 controller-1! storage-0', 'compute-0', null],
    ['is none without storage hosts', 'controller-0 controller-1!', 'controller-0', null],
  ])('%s', (_case, hosts, host, expected) => {
    const refusal = storageRefusal(host, region(hosts));
    if (expected === null) expect(refusal).toBeNull();
    else expect(refusal).toMatch(expected);
  });

  test('tells what is, and what to do', () => {
    expect(storageRefusal('storage-0', region('controller-0 controller-1! storage-0'))).toBe(
      "The host runs one of the storage's monitors (controller-0, controller-1 and storage-0), of which 2 must be in " +
        'service; without it only controller-0 would be: bring controller-1 into service first.',
    );
  });
});
