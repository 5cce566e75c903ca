// What waits for the planner process and what it is planning. When the process dies, all that it planned is planned again,
// each by itself: only one that does it again is blamed, and none for a process that somebody else killed. Pure.

export interface PlanQueue<T> {
  /** False when too many wait already. */
  add(item: T): boolean;
  /** What may begin now, each with the number it is under way by. */
  begin(): readonly (readonly [id: number, item: T])[];
  /** It is no longer under way. Undefined when it was not. */
  finish(id: number): T | undefined;
  /** The process has died. Gives what it died of, if that is known; if not, what was under way comes first in the queue. */
  died(): T | undefined;
  /** The process was ended for another reason: what was under way comes first in the queue. */
  interrupt(): void;
  /** Everything, which is in the queue no longer. */
  drain(): readonly T[];
  isEmpty(): boolean;
}

export interface QueueLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

interface Entry<T> {
  readonly item: T;
  /** A process died while it was under way: it is planned by itself. */
  readonly isSuspect: boolean;
}

export function planQueue<T>(limits: QueueLimits): PlanQueue<T> {
  let waiting: Entry<T>[] = [];
  let underWay = new Map<number, Entry<T>>();
  let lastId = 0;
  /** Suspects come first in the queue, and nothing beside one: so each is alone. */
  const mayBegin = (): boolean =>
    underWay.size < limits.atOnce && ![...underWay.values()].some(({ isSuspect }) => isSuspect);
  const back = (entries: readonly Entry<T>[]): void => {
    underWay = new Map();
    waiting = [...entries, ...waiting];
  };
  return {
    add: item => waiting.length < limits.waiting && waiting.push({ item, isSuspect: false }) > 0,
    begin: () => {
      const begun: [number, T][] = [];
      while (waiting.length > 0 && mayBegin()) {
        const entry = waiting.shift()!;
        underWay.set(++lastId, entry);
        begun.push([lastId, entry.item]);
      }
      return begun;
    },
    finish: id => {
      const entry = underWay.get(id);
      underWay.delete(id);
      return entry?.item;
    },
    died: () => {
      const entries = [...underWay.values()];
      const culprit = entries.find(({ isSuspect }) => isSuspect); // it was alone
      back(culprit ? [] : entries.map(({ item }) => ({ item, isSuspect: true })));
      return culprit?.item;
    },
    interrupt: () => back([...underWay.values()]),
    drain: () => {
      const all = [...underWay.values(), ...waiting].map(({ item }) => item);
      waiting = [];
      underWay = new Map();
      return all;
    },
    isEmpty: () => waiting.length + underWay.size === 0,
  };
}
