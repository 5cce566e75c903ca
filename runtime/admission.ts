// How many sockets and long-running operations a door takes on, in all and from one client, and when to ask again. Counts
// and refuses; knows nothing of transports.

export interface AdmissionLimits {
  /** Open WebSockets. */
  readonly sockets: number;
  /** Operations under way over sockets and long answers, together. */
  readonly subscriptions: number;
  readonly subscriptionsPerSocket: number;
  /** From one network address, over all its connections. */
  readonly subscriptionsPerClient: number;
  /** New ones, in all; a burst may be as large. */
  readonly subscriptionsPerSecond: number;
}

export interface Refusal {
  /** 429: this client asks for too much. 503: the door is full. */
  readonly status: 429 | 503;
  readonly message: string;
  readonly retryAfterMs: number;
}

export interface Admitted {
  /** Gives the place free; once counts, however often it is called. */
  release(): void;
}

export interface Admission {
  socket(): Admitted | Refusal;
  /** `onSocket`: how many its socket has under way already. */
  subscription(client: string, onSocket?: number): Admitted | Refusal;
  counts(): { readonly sockets: number; readonly subscriptions: number; readonly refused: number };
}

export interface AdmissionDeps {
  readonly limits: AdmissionLimits;
  /** Milliseconds, never going back. */
  now?(): number;
  /** 0 to 1. */
  random?(): number;
}

const FULL_RETRY_MS = 5_000; // places come free as clients leave, which takes its time
const LONGEST_RETRY_MS = 60_000;

export const isRefusal = (answer: Admitted | Refusal): answer is Refusal => 'retryAfterMs' in answer;

export function openAdmission({
  limits,
  now = () => performance.now(),
  random = Math.random,
}: AdmissionDeps): Admission {
  const perClient = new Map<string, number>();
  let sockets = 0;
  let subscriptions = 0;
  let refused = 0;
  const pace = pacing(limits.subscriptionsPerSecond, now);

  const refuse = (status: Refusal['status'], message: string, ms = FULL_RETRY_MS): Refusal => {
    refused++;
    // spread, so that those who were refused together do not come back together
    return { status, message, retryAfterMs: Math.ceil(Math.min(ms * (1 + random() / 2), LONGEST_RETRY_MS)) };
  };
  const checked = (client: string, onSocket: number): Refusal | null => {
    if (onSocket >= limits.subscriptionsPerSocket)
      return refuse(
        429,
        `This socket has its ${limits.subscriptionsPerSocket} subscriptions: end some or open another.`,
      );
    if ((perClient.get(client) ?? 0) >= limits.subscriptionsPerClient)
      return refuse(429, `This client has its ${limits.subscriptionsPerClient} subscriptions: end some first.`);
    if (subscriptions >= limits.subscriptions)
      return refuse(503, `This gateway has its ${limits.subscriptions} subscriptions: try another, or later.`);
    const waitMs = pace.take();
    return waitMs === 0 ? null : refuse(503, 'Too many subscriptions begin at once: try again later.', waitMs);
  };

  return {
    socket: () => {
      if (sockets >= limits.sockets)
        return refuse(503, `This gateway has its ${limits.sockets} sockets: try another, or later.`);
      sockets++;
      return once(() => sockets--);
    },
    subscription: (client, onSocket = 0) => {
      const refusal = checked(client, onSocket);
      if (refusal) return refusal;
      subscriptions++;
      perClient.set(client, (perClient.get(client) ?? 0) + 1);
      return once(() => {
        subscriptions--;
        const others = perClient.get(client)! - 1;
        if (others > 0) perClient.set(client, others);
        else perClient.delete(client);
      });
    },
    counts: () => ({ sockets, subscriptions, refused }),
  };
}

function once(release: () => void): Admitted {
  let isDone = false;
  return {
    release: () => {
      if (isDone) return;
      isDone = true;
      release();
    },
  };
}

/** A token bucket that also remembers whom it sent away, so that each of them is given a later turn than the one before. */
function pacing(perSecond: number, now: () => number): { take(): number } {
  let tokens = perSecond;
  let sentAway = 0;
  let at = now();
  return {
    take: () => {
      const gained = ((now() - at) * perSecond) / 1_000;
      at = now();
      tokens = Math.min(perSecond, tokens + gained);
      sentAway = Math.max(0, sentAway - gained);
      if (tokens >= 1) {
        tokens--;
        return 0;
      }
      return (++sentAway * 1_000) / perSecond + 1;
    },
  };
}
