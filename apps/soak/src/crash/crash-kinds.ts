import { CODINGS, CONTENT_TYPES, JSON_TYPE } from '../content-types.ts';
import type { Random } from '../random.ts';
import { MIN_VALUE_BYTES } from '../stamped-value.ts';
import type { Stamp } from '../stamped-value.ts';
import type { CrashOperation, SetOperation } from './crash-operation.ts';

/** What a kind of writing needs to choose its operations. */
export interface KindContext {
  readonly random: Random;
  /** Names of the stores that are there at the start. */
  readonly names: readonly string[];
  /** Makes an id that no other write has. */
  readonly newId: () => string;
}

export type CrashKind = (context: KindContext) => Generator<CrashOperation>;

const KEYS = ['a', 'photo', 'photo.png', 'INPUT', 'y'.repeat(250)];
const STORE = 'store';
const TYPED = 'image/png';
const LARGE_BYTES = 300_000;

/** The kinds of writing, each an endless sequence of operations that a process may be killed in. */
export const CRASH_KINDS: Readonly<Record<string, CrashKind>> = {
  'JSON over JSON': ({ random, newId }) => sets(() => set(random, stampOf(newId(), JSON_TYPE, 4000))),
  'one type over itself': ({ random, newId }) => sets(() => set(random, stampOf(newId(), TYPED, 4000))),
  'one type in any coding': ({ random, newId }) => {
    const contentType = random.pick([JSON_TYPE, TYPED]);
    return sets(() => set(random, { ...stampOf(newId(), contentType, 4000), contentEncoding: random.pick(CODINGS) }));
  },
  'another type': ({ random, newId }) => sets(() => set(random, stampOf(newId(), random.pick(CONTENT_TYPES), 4000))),
  stream: ({ random, newId }) =>
    sets(() => ({ ...set(random, anyStamp(random, newId(), LARGE_BYTES)), isStream: random.chance(0.8) })),
  'large value': ({ random, newId }) => sets(() => set(random, anyStamp(random, newId(), LARGE_BYTES))),
  delete: ({ random, newId }) => sets(() => setOrDelete(random, newId)),
  'conditional write': ({ random, newId }) => sets(() => ({ ...setOrDelete(random, newId), isConditional: true })),
  rename: renames,
  purge: purges,
  drop: drops,
};

function* sets(next: () => CrashOperation): Generator<CrashOperation> {
  yield { type: 'open', store: STORE };
  for (;;) yield next();
}

function* renames({ random, names, newId }: KindContext): Generator<CrashOperation> {
  let name = names.find((existing) => existing.startsWith(STORE)) ?? STORE;
  yield { type: 'open', store: name };
  for (;;) {
    yield { ...set(random, anyStamp(random, newId(), MIN_VALUE_BYTES)), store: name };
    const to = `${STORE}-${random.below(5)}`;
    if (to === name) continue;
    yield { type: 'rename', store: name, to };
    name = to;
  }
}

function* purges({ random, newId }: KindContext): Generator<CrashOperation> {
  for (;;) {
    const store = random.pick(['default', STORE]);
    yield { type: 'open', store };
    for (let count = random.below(12); count > 0; count -= 1) {
      yield { ...set(random, anyStamp(random, newId(), MIN_VALUE_BYTES)), store };
    }
    yield { type: 'purge', store };
  }
}

function* drops({ random, newId }: KindContext): Generator<CrashOperation> {
  for (;;) {
    yield { type: 'open', store: STORE };
    for (let count = random.below(5); count > 0; count -= 1)
      yield set(random, anyStamp(random, newId(), MIN_VALUE_BYTES));
    yield { type: 'drop', store: STORE };
  }
}

function set(random: Random, stamp: Stamp): SetOperation {
  return { type: 'set', store: STORE, key: random.pick(KEYS), stamp };
}

function setOrDelete(random: Random, newId: () => string): CrashOperation {
  if (random.chance(0.4)) return { type: 'delete', store: STORE, key: random.pick(KEYS) };
  return set(random, anyStamp(random, newId(), 2000));
}

function anyStamp(random: Random, id: string, maxBytes: number): Stamp {
  const stamp = stampOf(id, random.pick(CONTENT_TYPES), MIN_VALUE_BYTES + random.below(maxBytes));
  return { ...stamp, contentEncoding: random.pick(CODINGS) };
}

function stampOf(id: string, contentType: string, size: number): Stamp {
  return { id, contentType, size };
}
