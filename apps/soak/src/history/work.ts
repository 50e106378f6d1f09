import { createBackend } from '@kv/fs';
import { isKvError } from '@kv/core';
import type { KeyValueStoreBackend, SetRecord, WriteOptions } from '@kv/core';
import { CODINGS, CONTENT_TYPES } from '../content-types.ts';
import type { Random } from '../random.ts';
import { bytesOf, MIN_VALUE_BYTES, readStamp, stampedBytes, streamOf } from '../stamped-value.ts';
import { checkListing } from './check-listing.ts';
import type { RegisterAction, RegisterState } from './linearizable.ts';
import { clock, HOT_KEYS } from './work-log.ts';
import type { WorkClass, WorkEntry, WorkOrder } from './work-log.ts';

/** What one line of work is done with. */
export interface WorkContext {
  readonly dir: string;
  readonly store: KeyValueStoreBackend;
  readonly order: WorkOrder;
  readonly hasConditions: boolean;
  readonly workClass: WorkClass;
  readonly random: Random;
  readonly newId: () => string;
  readonly log: (entry: WorkEntry) => void;
}

type Operation = (context: WorkContext, key: string) => Promise<unknown>;

const SMALL_BYTES = 2000;
const LARGE_BYTES = 150_000;
const OPERATIONS = { set, remove, get, stream, list, open, create, replace } satisfies Record<string, Operation>;
const WEIGHTS = { set: 35, remove: 7, get: 35, stream: 6, list: 2, open: 2, create: 0, replace: 0 };

/** Does one random operation after the other, until the order says that it is enough. */
export async function runLane(context: WorkContext): Promise<void> {
  const { order, random, log } = context;
  const weights = context.hasConditions ? { ...WEIGHTS, create: 4, replace: 12 } : WEIGHTS;
  const until = performance.now() + order.millis;
  for (let count = 0; count < order.operations && performance.now() < until; count += 1) {
    const name = random.weighted(weights);
    const key = random.pick(HOT_KEYS);
    try {
      await OPERATIONS[name](context, key);
    } catch (error) {
      log(
        isKvError(error, 'KV_STORAGE_BUSY')
          ? { type: 'busy' }
          : { type: 'problem', text: `${name} of ${key}: ${String(error)}` },
      );
    }
  }
}

async function set(context: WorkContext, key: string): Promise<void> {
  const { id, record } = newRecord(context, key);
  await timed(context, key, async () => {
    await context.store.setRecord(record);
    return { type: 'write', value: id };
  });
}

async function remove(context: WorkContext, key: string): Promise<void> {
  await timed(context, key, async () => {
    await context.store.deleteRecord(key);
    return { type: 'write', value: undefined };
  });
}

async function get(context: WorkContext, key: string): Promise<void> {
  await timed(context, key, async () => {
    const record = await context.store.getRecord(key);
    return { type: 'read', value: record && readStamp(record.value, record.contentType).id };
  });
}

/** Reads a record as a stream, and gives its etag and which write it is of. */
async function stream(context: WorkContext, key: string): Promise<{ etag: string; id: string } | undefined> {
  let found: { etag: string; id: string } | undefined;
  await timed(context, key, async () => {
    const record = await context.store.getRecordStream(key);
    if (!record) return { type: 'read', value: undefined };
    const value = await bytesOf(record.stream);
    if (value.length !== record.size) throw new Error(`the stream has ${value.length} bytes, not ${record.size}`);
    found = { etag: record.etag, id: readStamp(value, record.contentType).id };
    return { type: 'read', value: found.id };
  });
  return found;
}

async function create(context: WorkContext, key: string): Promise<void> {
  const { id, record } = newRecord(context, key);
  await conditional(context, key, { expected: undefined, value: id }, () =>
    context.store.setRecord(record, { ifNoneMatch: '*' }),
  );
}

/** Writes or deletes what it has just read, unless someone else was faster. */
async function replace(context: WorkContext, key: string): Promise<void> {
  const found = await stream(context, key);
  if (!found) return;
  const condition: WriteOptions = { ifMatch: found.etag };
  if (context.random.chance(0.2)) {
    await conditional(context, key, { expected: found.id, value: undefined }, () =>
      context.store.deleteRecord(key, condition),
    );
    return;
  }
  const { id, record } = newRecord(context, key);
  await conditional(context, key, { expected: found.id, value: id }, () => context.store.setRecord(record, condition));
}

async function list({ store, random, log }: WorkContext): Promise<void> {
  await checkListing(store, 20 + random.below(300));
  log({ type: 'listed' });
}

/** Opens a store that is as new to all others. */
async function open({ dir, random, log }: WorkContext): Promise<void> {
  await using backend = createBackend({ dir });
  const name = `new-${Math.floor(Date.now() / 500)}-${random.below(3)}`;
  log({ type: 'opened', name, id: (await backend.openKeyValueStore({ name })).id });
}

async function conditional(
  context: WorkContext,
  key: string,
  change: { readonly expected: RegisterState; readonly value: RegisterState },
  write: () => Promise<void>,
): Promise<void> {
  await timed(context, key, async () => {
    try {
      await write();
      return { type: 'replace', ...change, isDone: true };
    } catch (error) {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
      return { type: 'replace', ...change, isDone: false };
    }
  });
}

async function timed(context: WorkContext, key: string, run: () => Promise<RegisterAction>): Promise<void> {
  const start = clock();
  const action = await run();
  context.log({ type: 'operation', key, start, end: clock(), action });
}

function newRecord({ random, workClass, newId }: WorkContext, key: string): { id: string; record: SetRecord } {
  const id = newId();
  const contentType = contentTypeOf(random, workClass, key, id);
  const size = MIN_VALUE_BYTES + random.below(random.chance(0.04) ? LARGE_BYTES : SMALL_BYTES);
  const bytes = stampedBytes({ id, contentType, size });
  const value = random.chance(0.15) ? streamOf(bytes) : bytes;
  return { id, record: { key, contentType, contentEncoding: random.pick(CODINGS), value } };
}

function contentTypeOf(random: Random, workClass: WorkClass, key: string, id: string): string {
  if (workClass === 'one type a key') return CONTENT_TYPES[HOT_KEYS.indexOf(key) % CONTENT_TYPES.length] as string;
  return random.chance(0.2) ? `text/x-odd; v=${id}` : random.pick(CONTENT_TYPES);
}
