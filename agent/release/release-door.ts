// A door to a region of whatever release: what an older one does not know is left out, once it has refused the whole. A
// region that knows all costs nothing. Never leaves out more than the region itself says that it does not know.
import type { Logger } from '../../runtime/log.ts';
import type { Clock } from '../clock.ts';
import { type Door, DoorError } from '../door-client.ts';
import type { Operation, Service } from '../operations.ts';
import { knownOperation, knownValue } from './known-part.ts';
import { lookAt, type RegionSchema } from './region-schema.ts';

/** While something is left out: how soon an update of the region is noticed that did not break a connection. */
const LOOK_AGAIN_MS = 30_000;
/** A region that refuses what it knows (a wrong value) is not looked at again for so long. */
const LOOK_HOLDS_MS = 10_000;

export interface ReleaseDoorDeps {
  readonly door: Door;
  readonly region: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** What a look told, with the operations as that region takes them. */
interface Learned {
  readonly schema: RegionSchema;
  readonly operations: Map<string, Prepared>;
}

interface Prepared {
  /** Null: the region does not know it. */
  readonly operation: Operation<unknown> | null;
  readonly leftOut: readonly string[];
}

interface Release {
  learned: Learned | null;
  lookedAt: number;
  /** The region is spoken to as `learned` says; else as one of this release. */
  isOther: boolean;
  /** It was out of reach: it may have been updated. */
  wasLost: boolean;
  looking: Promise<Learned> | null;
  /** What was said to be left out. */
  readonly said: Set<string>;
}

export function releaseDoor(deps: ReleaseDoorDeps): Door {
  const releases = new Map<Service, Release>();
  const releaseOf = (service: Service): Release => {
    const known = releases.get(service) ?? fresh();
    releases.set(service, known);
    return known;
  };
  return {
    async send(operation, input, signal, deadlineMs) {
      const release = releaseOf(operation.service);
      const send: Send = (op, value) => deps.door.send(op, value, signal, deadlineMs);
      if (isOld(release, deps.clock.now())) await lookAgain(deps, release, operation.service, signal);
      const using = release.isOther ? release.learned : null;
      try {
        return using ? await sendKnown(deps, release, using, operation, input, send) : await send(operation, input);
      } catch (error) {
        if (!(error instanceof DoorError)) throw error;
        if (error.code === 'UNREACHABLE' || error.code === 'SILENT') release.wasLost = true;
        if (error.code !== 'INVALID' && error.code !== 'NOT_UNDERSTOOD') throw error;
        const learned = await otherThan(deps, release, using, operation, input, signal, error);
        return sendKnown(deps, release, learned, operation, input, send);
      }
    },
  };
}

const fresh = (): Release => ({
  learned: null,
  lookedAt: Number.NEGATIVE_INFINITY,
  isOther: false,
  wasLost: false,
  looking: null,
  said: new Set(),
});

const isOld = ({ isOther, wasLost, lookedAt }: Release, now: number): boolean =>
  isOther && (wasLost || now - lookedAt >= LOOK_AGAIN_MS);

/** Another release than before is spoken to as one of ours, until it refuses that. */
async function lookAgain(
  deps: ReleaseDoorDeps,
  release: Release,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const before = release.learned;
  const now = await look(deps, release, service, signal).catch(() => null); // away still: the request itself says so
  if (now === null || now === before || !release.isOther) return;
  release.isOther = false;
  release.said.clear();
  deps.log.info({ region: deps.region, service }, 'the region runs another release than before; it is told everything');
}

/** What the region knows, when that is less than what it was told and refused. Throws the refusal when it is not. */
async function otherThan(
  deps: ReleaseDoorDeps,
  release: Release,
  using: Learned | null,
  operation: Operation<unknown>,
  input: object,
  signal: AbortSignal,
  refusal: DoorError,
): Promise<Learned> {
  if (release.isOther && release.learned !== using) return release.learned!; // somebody else has found out meanwhile
  const isHeld = deps.clock.now() - release.lookedAt < LOOK_HOLDS_MS;
  const learned =
    isHeld && release.learned
      ? release.learned
      : await look(deps, release, operation.service, signal).catch(() => {
          throw again(refusal); // without a look nobody knows whether the refusal is of the words or of the release
        });
  const isNew = learned !== using && (using !== null || partOf(learned, operation, input).leftOut.length > 0);
  if (!isNew) throw isHeld ? again(refusal) : refusal;
  release.isOther = true;
  return learned;
}

const again = ({ message, cause }: DoorError): DoorError => new DoorError('REFUSED', message, cause);

/** One look at a time; the same schema is the same object. */
function look(deps: ReleaseDoorDeps, release: Release, service: Service, signal: AbortSignal): Promise<Learned> {
  release.looking ??= deps.door
    .send(lookAt(service), {}, signal)
    .then(schema => {
      release.lookedAt = deps.clock.now();
      release.wasLost = false;
      if (release.learned?.schema.hash !== schema.hash) release.learned = { schema, operations: new Map() };
      return release.learned;
    })
    .finally(() => {
      release.looking = null;
    });
  return release.looking;
}

type Send = <Answer>(operation: Operation<Answer>, input: object) => Promise<Answer>;

async function sendKnown<Answer>(
  { region, log }: ReleaseDoorDeps,
  release: Release,
  learned: Learned,
  operation: Operation<Answer>,
  input: object,
  send: Send,
): Promise<Answer> {
  const part = partOf(learned, operation, input);
  const news = part.leftOut.filter(coordinate => !release.said.has(coordinate));
  for (const coordinate of news) release.said.add(coordinate);
  if (news.length > 0)
    log.warn(
      { region, service: operation.service, leftOut: news },
      'the region is of a release that does not know all that it is told; left out until it is updated',
    );
  if (part.operation && part.input !== undefined) return send(part.operation, part.input);
  if (!part.operation && operation.unknown !== undefined) return operation.unknown;
  throw new DoorError(
    part.operation ? 'INVALID' : 'REFUSED',
    `Region ${region} (${operation.service}, ${operation.name}) is of a release that does not know ${part.leftOut.join(', ')}. Update the region.`,
  );
}

interface KnownPart<Answer> {
  /** Null: the region does not know it. */
  readonly operation: Operation<Answer> | null;
  /** Undefined: it would take nothing of it. */
  readonly input: object | undefined;
  readonly leftOut: readonly string[];
}

/** The document is prepared once for a schema; the input is another one each time. */
function partOf<Answer>(
  { schema, operations }: Learned,
  operation: Operation<Answer>,
  input: object,
): KnownPart<Answer> {
  const prepared = operations.get(operation.name) ?? prepare(operation, schema);
  operations.set(operation.name, prepared);
  if (!prepared.operation) return { operation: null, input: undefined, leftOut: prepared.leftOut };
  const leftOut = new Set(prepared.leftOut);
  const known = knownValue(input, schema.mutation(operation.name)!.input!, schema, one => leftOut.add(one));
  return {
    operation: prepared.operation as Operation<Answer>,
    input: known as object | undefined,
    leftOut: [...leftOut],
  };
}

function prepare(operation: Operation<unknown>, schema: RegionSchema): Prepared {
  const leftOut: string[] = [];
  return { operation: knownOperation(operation, schema, one => leftOut.push(one)), leftOut };
}
