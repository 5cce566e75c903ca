// Who is failed when hosts fall silent, alone and many at once, for any hosts and any order of looks.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ear, type Hearing, hearingOf } from '../../../subgraphs/edge/inventory/detection/hearing.ts';
import { type Attempt, recoveryOf, withAttempt } from '../../../subgraphs/edge/inventory/detection/recovery.ts';
import { judge, type Storm } from '../../../subgraphs/edge/inventory/detection/storm.ts';

const hearing = fc.constantFrom<Hearing>('HEARD', 'LATE', 'SILENT', 'UNKNOWN');
const hosts = fc
  .array(fc.record({ hearing, inService: fc.boolean() }), { maxLength: 6 })
  .map(all => all.map((host, i) => ({ id: String(i), ...host })));
const isLost = (host: { hearing: Hearing; inService: boolean }) =>
  host.inService && (host.hearing === 'LATE' || host.hearing === 'SILENT');

test('no host in service is failed while as many as the threshold are lost, unless that lasted too long', () => {
  fc.assert(
    fc.property(fc.array(hosts, { maxLength: 12 }), fc.integer({ min: 2, max: 4 }), (looks, mnfaThreshold) => {
      const mnfaTimeoutMs = 5_000;
      let storm: Storm | null = null;
      let many = 0; // looks in a row
      looks.forEach((look, i) => {
        const before = storm;
        const judged = judge(look, storm, i * 1_000, { mnfaThreshold, mnfaTimeoutMs });
        storm = judged.storm;
        const isMany = look.filter(isLost).length >= mnfaThreshold;
        many = isMany ? many + 1 : 0;
        const isExpired = many > 5;
        expect(storm).toEqual(isMany ? { since: (i - many + 1) * 1_000, expired: isExpired } : null);
        for (const host of look) {
          const isSpared = host.inService && (isMany ? !isExpired : before !== null);
          const expected = isSpared && host.hearing === 'SILENT' ? 'LATE' : host.hearing;
          expect(judged.hearing.get(host.id)).toBe(expected);
        }
      });
    }),
  );
});

test('silence counts from the last beat or from when the region could hear, and never from the future', () => {
  const settings = { degradeAfterMissed: 2, failAfterMissed: 3 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (heard, hears) => {
      const [now, everyMs] = [40, 4];
      const from = heard > now ? hears : Math.max(heard, hears);
      const silent = now - from;
      const is = hearingOf({ heardAt: heard, everyMs }, hears, now, settings);
      expect(is === 'SILENT').toBe(silent >= 14);
      expect(is === 'LATE').toBe(silent >= 10 && silent < 14);
      expect(is === 'HEARD').toBe(silent < 10 && heard >= hears && heard <= now);
    }),
  );
});

test('an ear that is not asked in time was deaf until it is asked again', () => {
  const hears = ear(600, 0);
  hears.listen(100);
  expect(hears.since()).toBe(0);
  hears.listen(701);
  expect(hears.since()).toBe(701);
  hears.listen(750);
  expect(hears.since()).toBe(701);
  hears.listen(200); // the clock was set back
  expect(hears.since()).toBe(200);
});

test('whatever becomes of the attempts, they are bounded in every window, and end in giving up', () => {
  const settings = { afterMs: 5, reboots: 2, resets: 1, pauseMs: 10, windowMs: 1_000 };
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 30 }), (hasPower, takes) => {
      let now = 0;
      let attempts: Attempt[] = [];
      const given: string[] = [];
      for (const ms of takes) {
        const since = now;
        now += ms;
        const command = recoveryOf({ attempts, gaveUp: false, since, hasPower }, now, settings);
        if (command === 'WAIT') continue;
        if (command === 'GIVE_UP') break;
        given.push(command);
        attempts = withAttempt(attempts, { command, at: new Date(now).toISOString() }, settings);
      }
      const all = ['RECOVER_BY_REBOOT', 'RECOVER_BY_REBOOT', ...(hasPower ? ['RECOVER_BY_RESET'] : [])];
      expect(given).toEqual(all.slice(0, given.length));
    }),
  );
});
