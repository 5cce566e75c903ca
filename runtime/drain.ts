// How a process that goes away sends its clients away: one after the other, so that they do not all come back at once.

const PER_CLIENT_MS = 1; // a thousand a second: what another process takes on without a queue
const LONGEST_MS = 3_000; // well within the time that a part has to stop

/** Over how many ms the connections of this many clients are ended. */
export const drainSpreadMs = (clients: number): number => Math.min(clients * PER_CLIENT_MS, LONGEST_MS);
