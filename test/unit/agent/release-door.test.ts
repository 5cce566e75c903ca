// How often a region of another release is asked for its schema, and what becomes of refusals that have another reason.
import { buildSchema, introspectionFromSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type Door, DoorError } from '../../../agent/door-client.ts';
import { type Operation, REPORT_TASK } from '../../../agent/operations.ts';
import { releaseDoor } from '../../../agent/release/release-door.ts';
import { quiet } from '../../support/settings.ts';

const FULL = `type Query { a: Int } input ReportTaskInput { id: ID! state: S! message: String kinds: [Kind!] parts: [Part!] }
  input Part { part: String! kind: Kind! } enum S { DONE } enum Kind { NEW OLD OTHER }
  type Mutation { reportTask(input: ReportTaskInput!): P } type P { userErrors: [E!]! } type E { code: String! message: String! }`;
const OLD = FULL.replace('message: String kinds', 'kinds').replace('NEW OLD OTHER', 'OLD');

/** A door that refuses what `refuses` says, and counts. */
function aDoor(sdl: string) {
  const door = {
    sdl,
    looks: 0,
    sent: [] as { readonly operation: Operation<unknown>; readonly input: object }[],
    refuses: (_: object): 'INVALID' | 'NOT_UNDERSTOOD' | 'UNREACHABLE' | null => null,
  };
  const plain: Door = {
    send: async (operation, input) => {
      if (operation.name === '__schema') {
        door.looks++;
        return operation.answer.parse(introspectionFromSchema(buildSchema(door.sdl)).__schema);
      }
      const code = door.refuses(input);
      if (code) throw new DoorError(code, 'no');
      door.sent.push({ operation, input });
      return { userErrors: [] } as never;
    },
  };
  let now = 1_000_000;
  const released = releaseDoor({ door: plain, region: 'lagos-1', clock: { now: () => now }, log: quiet });
  const say = (input: object) => released.send(REPORT_TASK, input, new AbortController().signal);
  return Object.assign(door, {
    later: (ms: number) => {
      now += ms;
    },
    say,
  });
}

const TASK = { id: 't', state: 'DONE' };
const knowsNoMessage = (input: object) => ('message' in input ? ('INVALID' as const) : null);

describe('an older region', () => {
  test('is asked once for its schema, and again after a while; an update is noticed, and told all', async () => {
    const door = aDoor(OLD);
    door.refuses = knowsNoMessage;
    for (let i = 0; i < 3; i++) await door.say({ ...TASK, message: 'm' });
    expect(door.sent.map(({ input }) => input)).toEqual([TASK, TASK, TASK]);
    expect(door.looks).toBe(1);
    expect(door.sent[2]!.operation).toBe(door.sent[0]!.operation); // prepared once
    door.later(31_000);
    await door.say({ ...TASK, message: 'm' });
    expect(door.looks).toBe(2);
    door.sdl = FULL;
    door.refuses = () => null;
    await door.say({ ...TASK, message: 'm' });
    expect(door.sent.at(-1)!.input).toEqual(TASK);
    door.later(31_000);
    await door.say({ ...TASK, message: 'm' });
    expect(door.sent.at(-1)!.input).toEqual({ ...TASK, message: 'm' });
    door.later(100_000);
    await door.say({ ...TASK, message: 'm' });
    expect(door.looks).toBe(3); // of a region that knows all nobody asks
  });

  test('that was out of reach is asked at once: it may have been updated', async () => {
    const door = aDoor(OLD);
    door.refuses = knowsNoMessage;
    await door.say({ ...TASK, message: 'm' });
    door.refuses = () => 'UNREACHABLE';
    await expect(door.say(TASK)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    door.sdl = FULL;
    door.refuses = () => null;
    await door.say({ ...TASK, message: 'm' });
    expect(door.sent.at(-1)!.input).toEqual({ ...TASK, message: 'm' });
  });

  test('gets OTHER for a kind that it does not know, where it has one; else the item is left out', async () => {
    const input = {
      ...TASK,
      kinds: ['OLD', 'NEW'],
      parts: [
        { part: 'a', kind: 'NEW' },
        { part: 'b', kind: 'OLD' },
      ],
    };
    const isNew = (given: object) => (JSON.stringify(given).includes('NEW') ? ('INVALID' as const) : null);
    for (const [sdl, known] of [
      [OLD, { kinds: ['OLD'], parts: [{ part: 'b', kind: 'OLD' }] }],
      [
        FULL.replace('NEW ', ''),
        {
          kinds: ['OLD', 'OTHER'],
          parts: [
            { part: 'a', kind: 'OTHER' },
            { part: 'b', kind: 'OLD' },
          ],
        },
      ],
    ] as const) {
      const door = aDoor(sdl);
      door.refuses = isNew;
      await door.say(input);
      expect(door.sent[0]!.input).toEqual({ ...TASK, ...known });
    }
  });
});

describe('what is wrong for any release', () => {
  test('is refused as such, and asks for the schema now and then only; in between it is worth another try', async () => {
    const door = aDoor(FULL);
    door.refuses = () => 'INVALID';
    await expect(door.say(TASK)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(door.say(TASK)).rejects.toMatchObject({ code: 'REFUSED' }); // the region may just have gone back a release
    expect(door.looks).toBe(1);
    door.later(11_000);
    await expect(door.say(TASK)).rejects.toMatchObject({ code: 'INVALID' });
    expect(door.looks).toBe(2);
  });
});
