// Oldest first. Append only.
import { FleetRegionsAndMirror } from './0001-regions-and-mirror.ts';

export const fleetMigrations = [FleetRegionsAndMirror];
