// Oldest first. Append only.
import { SoftwareReleases } from './0001-releases.ts';
import { SoftwareOutboxJson } from './0002-outbox-json.ts';
import { SoftwareRemovedHosts } from './0003-removed-hosts.ts';

export const softwareMigrations = [SoftwareReleases, SoftwareOutboxJson, SoftwareRemovedHosts];
