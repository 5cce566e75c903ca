// How full a simulated resource is at an instant: a smooth wander in its normal range, with now and then a minute above
// the default thresholds, so that alarms come and go. Pure: the same key and instant give the same number.
import { percent } from '../graphql-int.ts';
import type { UsageResource } from '../report.ts';
import { chanceAt } from './random.ts';

/** An excursion falls into a window or does not; about one resource in thirty is out at some time in each. */
const WINDOW_MS = 360_000;
const EXCURSION_CHANCE = 0.035;
const EXCURSION_MS = { shortest: 55_000, longest: 95_000 };

interface Habit {
  /** Where it may settle, and how far and how fast it strays from there. */
  readonly base: readonly [number, number];
  readonly stray: number;
  readonly stepMs: number;
  /** Levels of an excursion: they straddle the default MAJOR and CRITICAL thresholds. */
  readonly excursion: readonly [number, number];
}

const HABITS: Readonly<Record<UsageResource, Habit>> = {
  CPU: { base: [15, 55], stray: 12, stepMs: 20_000, excursion: [91.5, 98] },
  MEMORY: { base: [35, 65], stray: 5, stepMs: 60_000, excursion: [81.5, 93] },
  FILESYSTEM: { base: [20, 65], stray: 2, stepMs: 180_000, excursion: [81.5, 93] },
};

/** 0 to 100, in hundredths. */
export function usedPercentAt(key: string, resource: UsageResource, now: number): number {
  const habit = HABITS[resource];
  const excursion = excursionAt(key, habit, now);
  const level =
    excursion ?? between(habit.base, chanceAt(`${key}/base`)) + habit.stray * wander(key, habit.stepMs, now);
  return hundredths(level);
}

/** A file system that stands above the MAJOR threshold all the time. */
export const nearlyFullAt = (key: string, now: number): number => hundredths(84 + wander(key, 300_000, now) / 2);

function excursionAt(key: string, { excursion }: Habit, now: number): number | null {
  const window = Math.floor(now / WINDOW_MS);
  const draw = (what: string) => chanceAt(`${key}/${window}/${what}`);
  if (draw('happens') >= EXCURSION_CHANCE) return null;
  const lasts = between([EXCURSION_MS.shortest, EXCURSION_MS.longest], draw('lasts'));
  const begins = window * WINDOW_MS + draw('begins') * (WINDOW_MS - lasts);
  if (now < begins || now >= begins + lasts) return null;
  return between(excursion, draw('level'));
}

/** -1 to 1: smooth between points that chance sets every `stepMs`. */
function wander(key: string, stepMs: number, now: number): number {
  const step = Math.floor(now / stepMs);
  const point = (at: number) => 2 * chanceAt(`${key}/walk/${at}`) - 1;
  const t = now / stepMs - step;
  const eased = t * t * (3 - 2 * t);
  return point(step) * (1 - eased) + point(step + 1) * eased;
}

const between = ([low, high]: readonly [number, number], share: number): number => low + share * (high - low);
const hundredths = (value: number): number => Math.round(percent(value) * 100) / 100;
