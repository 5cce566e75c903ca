// What a door takes on, and when it asks those whom it refuses to come again.
import { describe, expect, it } from 'vitest';
import {
  type Admission,
  type AdmissionLimits,
  type Admitted,
  isRefusal,
  openAdmission,
} from '../../../runtime/admission.ts';

const WIDE: AdmissionLimits = {
  sockets: 100,
  subscriptions: 100,
  subscriptionsPerSocket: 100,
  subscriptionsPerClient: 100,
  subscriptionsPerSecond: 1_000,
};

function aDoor(limits: Partial<AdmissionLimits>) {
  const clock = { ms: 0 };
  const admission = openAdmission({ limits: { ...WIDE, ...limits }, now: () => clock.ms, random: () => 0 });
  return { admission, clock };
}

const taken = (answer: ReturnType<Admission['subscription']>): Admitted => {
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer;
};

describe('a door', () => {
  it('takes on as many sockets as it may, and more when some have gone', () => {
    const { admission } = aDoor({ sockets: 2 });
    const first = taken(admission.socket());
    taken(admission.socket());
    expect(admission.socket()).toMatchObject({ status: 503, retryAfterMs: 5_000 });
    first.release();
    first.release(); // once counts
    taken(admission.socket());
    expect(admission.socket()).toMatchObject({ status: 503 });
    expect(admission.counts()).toEqual({ sockets: 2, subscriptions: 0, refused: 2 });
  });

  it.each<[string, Partial<AdmissionLimits>, 429 | 503]>([
    ['in all', { subscriptions: 1 }, 503],
    ['of one client', { subscriptionsPerClient: 1 }, 429],
  ])('refuses subscriptions over the limit %s, and takes them when one has gone', (_, limits, status) => {
    const { admission } = aDoor(limits);
    const first = taken(admission.subscription('a'));
    expect(admission.subscription('a')).toMatchObject({ status });
    first.release();
    taken(admission.subscription('a'));
  });

  it('counts each client by itself, and each socket', () => {
    const { admission } = aDoor({ subscriptionsPerClient: 1, subscriptionsPerSocket: 3 });
    taken(admission.subscription('a'));
    taken(admission.subscription('b', 2));
    expect(admission.subscription('c', 3)).toMatchObject({ status: 429, message: expect.stringContaining('socket') });
  });

  it('takes on so many a second, and gives each whom it refuses a later turn than the one before', () => {
    const { admission, clock } = aDoor({ subscriptionsPerSecond: 10 });
    for (let i = 0; i < 10; i++) taken(admission.subscription('a'));
    const turns = [1, 2, 3].map(() => admission.subscription('a'));
    expect(turns).toMatchObject([{ retryAfterMs: 101 }, { retryAfterMs: 201 }, { retryAfterMs: 301 }]);
    expect(turns[0]).toMatchObject({ status: 503 });
    clock.ms = 101;
    taken(admission.subscription('a'));
    expect(isRefusal(admission.subscription('a'))).toBe(true);
    clock.ms = 60_000;
    for (let i = 0; i < 10; i++) taken(admission.subscription('a'));
    expect(admission.subscription('a')).toMatchObject({ retryAfterMs: 101 }); // those of long ago are forgotten
  });
});
