// Oldest first. Append only.
import { SoftwareReleases } from './0001-releases.ts';

export const softwareMigrations = [SoftwareReleases];
