// What the agent makes of the library's numbers: file systems, disks, releases, CPU time.
import { afterEach, describe, expect, test } from 'vitest';
import { graphqlInt, mebibytes } from '../../../agent/graphql-int.ts';
import { createCpuMeter } from '../../../agent/real/cpu-meter.ts';
import { toDisks } from '../../../agent/real/disks.ts';
import { toFileSystems } from '../../../agent/real/file-systems.ts';
import { knownText } from '../../../agent/real/known-text.ts';
import { toOsRelease } from '../../../agent/real/os-release.ts';
import { createFixture, type Fixture } from './machine-fixture.ts';

const fs = (fsName: string, type: string, mount: string, size = 1_000, used = 250) => ({
  fs: fsName,
  type,
  mount,
  size,
  used,
  available: size - used,
});

describe('file systems', () => {
  test('a disk counts once, at its shortest mount; memory, images and network shares do not count', () => {
    const found = toFileSystems([
      fs('/dev/sda2', 'ext4', '/var/lib/kubelet/pods/x'),
      fs('/dev/sda2', 'ext4', '/'),
      fs('overlay', 'overlay', '/var/lib/docker/overlay2/x/merged'),
      fs('/dev/sda1', 'vfat', '/boot/efi', 500, 50),
      fs('tmpfs', 'tmpfs', '/run', 300),
      fs('/dev/loop1', 'squashfs', '/snap/core', 100, 100),
      fs('/dev/sr0', 'iso9660', '/media/cdrom', 700, 700),
      fs('nas:/share', 'nfs4', '/mnt', 9_000),
    ]);
    expect(found).toEqual([
      { mount: '/', usedPercent: 25 },
      { mount: '/boot/efi', usedPercent: 10 },
    ]);
  });

  test('in a container the overlay stands for the disk below it', () => {
    const inside = [fs('overlay', 'overlay', '/'), fs('/dev/vda1', 'ext4', '/etc/hosts')];
    expect(toFileSystems(inside).map(f => f.mount)).toEqual(['/']);
    expect(toFileSystems([fs('overlay', 'overlay', '/')]).map(f => f.mount)).toEqual(['/']);
  });

  test('blocks kept for root are neither used nor free', () => {
    const [full] = toFileSystems([{ ...fs('/dev/sda1', 'ext4', '/', 1_000, 950), available: 0 }]);
    expect(full?.usedPercent).toBe(100);
  });
});

describe('disks', () => {
  const block = (name: string, extra: object = {}) => ({
    name,
    type: 'disk',
    size: 500 * 1024 ** 3,
    physical: 'HDD',
    model: '',
    serial: '',
    ...extra,
  });

  test('the kind of a virtual disk is not guessed', () => {
    expect(toDisks([block('vda')], [])).toEqual([
      { deviceNode: '/dev/vda', kind: 'UNDETERMINED', sizeMiB: 512_000, model: null, serialNumber: null },
    ]);
  });

  test('real disks tell kind, model and serial number; what is no disk is left out', () => {
    const layout = [{ device: '/dev/sda', type: 'SSD', name: 'SAMSUNG MZ7L3', serialNum: 'S1' }];
    const disks = toDisks(
      [
        block('sda'),
        block('nvme0n1', { physical: 'SSD' }),
        block('zram0'),
        block('sda1', { type: 'part' }),
        block('sdb', { size: 0 }),
      ],
      layout,
    );
    expect(disks.map(({ deviceNode, kind }) => [deviceNode, kind])).toEqual([
      ['/dev/sda', 'SSD'],
      ['/dev/nvme0n1', 'NVME'],
    ]);
    expect(disks[0]).toMatchObject({ model: 'SAMSUNG MZ7L3', serialNumber: 'S1' });
  });
});

describe('software release', () => {
  test.each([
    [
      { distro: 'Debian GNU/Linux', release: '12', osRelease: 'NAME="x"\nID=debian', debianVersion: '12.11' },
      'debian-12.11',
      '12.11',
    ],
    [
      { distro: 'Debian GNU/Linux', release: '13', osRelease: 'ID=debian', debianVersion: 'forky/sid' },
      'debian-13',
      '13',
    ],
    [
      { distro: 'Ubuntu', release: '24.04.1 LTS', osRelease: 'ID=ubuntu', debianVersion: 'trixie/sid' },
      'ubuntu-24.04.1-lts',
      '24.04.1-lts',
    ],
    [{ distro: 'Rocky Linux', release: '9.4', osRelease: 'ID="rocky"', debianVersion: null }, 'rocky-9.4', '9.4'],
    [{ distro: 'macOS', release: '15.1', osRelease: null, debianVersion: null }, 'macos-15.1', '15.1'],
    [{ distro: '', release: '', osRelease: null, debianVersion: null }, 'unknown', null],
  ])('%o is %s', (facts, release, softwareVersion) => {
    expect(toOsRelease(facts)).toEqual({ release, softwareVersion });
  });
});

describe('CPU use', () => {
  let fixture: Fixture | null = null;
  afterEach(() => fixture?.remove());

  test('is that of the interval since the last sample; waiting for disks is no use', async () => {
    fixture = createFixture();
    let now = 0;
    const meter = createCpuMeter(fixture.proc, () => now);
    fixture.write('proc/stat', 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1');
    expect(await meter.sample()).toBeNull();
    fixture.write('proc/stat', 'cpu  120 0 110 850 20 0 0 0 0 0');
    now = 5_000;
    expect(await meter.sample()).toBe(30);
    fixture.write('proc/stat', 'cpu  999 0 110 850 20 0 0 0 0 0');
    now = 5_500;
    expect(await meter.sample()).toBe(30); // half a second says nothing yet
  });
});

test("numbers fit GraphQL's Int", () => {
  expect(graphqlInt(3.9)).toBe(3);
  expect(graphqlInt(-1)).toBe(0);
  expect(graphqlInt(1e12)).toBe(2_147_483_647);
  expect(graphqlInt(Number.NaN)).toBe(0);
  expect(mebibytes(5 * 1024 ** 5)).toBe(2_147_483_647);
});

test.each(['', '-', ' None ', 'To Be Filled By O.E.M.', null, undefined])('%o is no serial number', text => {
  expect(knownText(text)).toBeNull();
});
