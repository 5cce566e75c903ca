// The operating system's release in the style of StarlingX release ids: `debian-12.11`.
import si from 'systeminformation';
import { readText } from './files.ts';

export interface OsRelease {
  readonly release: string;
  readonly softwareVersion: string | null;
}

/** `etc` is `/etc`. */
export async function readOsRelease(etc: string): Promise<OsRelease> {
  const [info, osRelease, debianVersion] = await Promise.all([
    si.osInfo(),
    readText(etc, 'os-release'),
    readText(etc, 'debian_version'),
  ]);
  return toOsRelease({ distro: info.distro, release: info.release, osRelease, debianVersion });
}

export interface OsFacts {
  readonly distro: string;
  readonly release: string;
  /** Text of /etc/os-release and of /etc/debian_version. */
  readonly osRelease: string | null;
  readonly debianVersion: string | null;
}

export function toOsRelease({ distro, release, osRelease, debianVersion }: OsFacts): OsRelease {
  const id = slug(osRelease?.match(/^ID="?([^"\n]+)"?$/m)?.[1] ?? distro) || 'unknown';
  // Debian keeps its point release to itself: os-release says 12 where debian_version says 12.11
  const point = id === 'debian' && /^\d+\.\d+$/.test(debianVersion ?? '') ? debianVersion : null;
  const version = slug(point ?? release);
  return version === ''
    ? { release: id, softwareVersion: null }
    : { release: `${id}-${version}`, softwareVersion: version };
}

/** Letters, digits, dots and dashes: what an id may be made of. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
