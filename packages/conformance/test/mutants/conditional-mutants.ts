import { isKvError, KvError } from '@kv/core';
import type { KeyValueStoreBackend, RecordInfo, StorageBackend, WriteOptions } from '@kv/core';
import { brokenBackend, brokenStore, change, tick } from './mutant.ts';
import type { Mutant } from './mutant.ts';

type Operation = 'bytes' | 'stream' | 'delete';

/** Changes what surrounds each write and deletion. */
function brokenOperations(
  name: string,
  defect: string,
  broken: (
    run: (options: WriteOptions) => Promise<void>,
    given: { operation: Operation; options: WriteOptions; key: string; store: KeyValueStoreBackend },
  ) => Promise<void>,
): Mutant {
  return brokenStore(name, defect, () => (store) => ({
    setRecord: async (record, options = {}) =>
      broken((changed) => store.setRecord(record, changed), {
        operation: record.value instanceof Uint8Array ? 'bytes' : 'stream',
        options,
        key: record.key,
        store,
      }),
    deleteRecord: async (key, options = {}) =>
      broken((changed) => store.deleteRecord(key, changed), { operation: 'delete', options, key, store }),
  }));
}

/** Changes the conditions of writes and deletions. */
function brokenConditions(
  name: string,
  defect: string,
  broken: (options: WriteOptions, operation: Operation) => WriteOptions,
): Mutant {
  return brokenOperations(name, defect, async (run, { options, operation }) => run(broken(options, operation)));
}

/** Changes what happens when a condition is not met. */
function brokenRefusal(
  name: string,
  defect: string,
  refuse: (error: KvError, store: KeyValueStoreBackend, key: string) => Promise<void>,
): Mutant {
  return brokenOperations(name, defect, async (run, { options, store, key }) =>
    run(options).catch(async (error: unknown) => {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
      return refuse(error, store, key);
    }),
  );
}

/** Looks first, and writes a little later. */
async function checkThenRun(
  run: (options: WriteOptions) => Promise<void>,
  { options, key, store }: { options: WriteOptions; key: string; store: KeyValueStoreBackend },
): Promise<void> {
  const { ifMatch, ifNoneMatch, signal } = options;
  const isMisused = [ifMatch, ifNoneMatch].some(
    (etag) => etag === '' || !['string', 'undefined'].includes(typeof etag),
  );
  if (isMisused || (ifMatch === undefined && ifNoneMatch === undefined)) return run(options);
  const etag = (await store.getRecordInfo(key, { signal }))?.etag;
  const isMet =
    (ifMatch === undefined || (ifMatch === '*' ? etag !== undefined : ifMatch === etag)) &&
    (ifNoneMatch === undefined || (ifNoneMatch === '*' ? etag === undefined : ifNoneMatch !== etag));
  await tick();
  // What is not met is refused by the backend itself.
  return run(isMet ? { signal } : options);
}

const withoutMatch = (options: WriteOptions): WriteOptions => ({ ...options, ifMatch: undefined });
const withoutNoneMatch = (options: WriteOptions): WriteOptions => ({ ...options, ifNoneMatch: undefined });
const withoutConditions = (options: WriteOptions): WriteOptions => withoutMatch(withoutNoneMatch(options));

/** Backends whose conditional writes are not what they say. */
export const CONDITIONAL_MUTANTS: readonly Mutant[] = [
  brokenConditions('conditions-ignored', 'Takes no notice of conditions.', withoutConditions),
  brokenConditions('conditions-not-for-streams', 'Takes no notice of conditions of streams.', (options, operation) =>
    operation === 'stream' ? withoutConditions(options) : options,
  ),
  brokenConditions('conditions-not-for-deletes', 'Deletes whatever the condition.', (options, operation) =>
    operation === 'delete' ? withoutConditions(options) : options,
  ),
  brokenConditions('match-star-literal', 'Takes `*` in `ifMatch` for an etag.', (options) =>
    options.ifMatch === '*' ? { ...options, ifMatch: 'star' } : options,
  ),
  brokenConditions('none-match-star-literal', 'Takes `*` in `ifNoneMatch` for an etag.', (options) =>
    options.ifNoneMatch === '*' ? { ...options, ifNoneMatch: 'star' } : options,
  ),
  brokenConditions('none-match-is-star', 'Takes each `ifNoneMatch` for `*`.', (options) =>
    typeof options.ifNoneMatch === 'string' && options.ifNoneMatch !== '' ? { ...options, ifNoneMatch: '*' } : options,
  ),
  brokenConditions('match-is-star', 'Takes each `ifMatch` for `*`.', (options) =>
    typeof options.ifMatch === 'string' && options.ifMatch !== '' ? { ...options, ifMatch: '*' } : options,
  ),
  brokenConditions('match-alone', 'Heeds `ifMatch` alone when both are given.', (options) =>
    options.ifMatch === undefined ? options : withoutNoneMatch(options),
  ),
  brokenConditions('none-match-alone', 'Heeds `ifNoneMatch` alone when both are given.', (options) =>
    options.ifNoneMatch === undefined ? options : withoutMatch(options),
  ),
  brokenConditions('conditions-empty-is-none', 'Takes an empty condition for none.', (options) => {
    const { ifMatch, ifNoneMatch, signal } = options;
    return {
      ifMatch: ifMatch === '' ? undefined : ifMatch,
      ifNoneMatch: ifNoneMatch === '' ? undefined : ifNoneMatch,
      signal,
    };
  }),
  brokenConditions('conditions-null-is-none', 'Takes `null` for no condition.', (options) => ({
    ...options,
    ifMatch: options.ifMatch ?? undefined,
    ifNoneMatch: options.ifNoneMatch ?? undefined,
  })),
  brokenConditions('conditions-made-strings', 'Makes a string of a condition that is none.', (options) => ({
    ...options,
    ...(typeof options.ifMatch === 'number' ? { ifMatch: String(options.ifMatch) } : {}),
    ...(typeof options.ifNoneMatch === 'number' ? { ifNoneMatch: String(options.ifNoneMatch) } : {}),
  })),
  brokenOperations('match-creates', 'Writes with `ifMatch` where there is no record.', async (run, given) => {
    const { options, key, store, operation } = given;
    if (typeof options.ifMatch !== 'string' || operation === 'delete') return run(options);
    const info = await store.getRecordInfo(key).catch(() => undefined);
    return run(info ? options : withoutMatch(options));
  }),
  brokenOperations(
    'delete-of-nothing',
    'Deletes what is not there with success, whatever `ifMatch`.',
    async (run, given) => {
      const { options, key, store, operation } = given;
      if (typeof options.ifMatch !== 'string' || operation !== 'delete') return run(options);
      return (await store.getRecordInfo(key, options)) ? run(options) : undefined;
    },
  ),
  brokenOperations('match-prefix', 'Compares the beginnings of etags.', async (run, { options, key, store }) => {
    const etag = (await store.getRecordInfo(key).catch(() => undefined))?.etag;
    const { ifMatch } = options;
    const isPrefix = typeof ifMatch === 'string' && ifMatch !== '' && etag?.startsWith(ifMatch) === true;
    return run(isPrefix ? { ...options, ifMatch: etag } : options);
  }),
  brokenStore('older-etags', 'Takes the etag of the version before.', () => {
    const older = new Map<string, string>();
    return (store) => ({
      setRecord: async (record, options = {}) => {
        const old = await store.getRecordInfo(record.key).catch(() => undefined);
        const isOlder = options.ifMatch !== undefined && options.ifMatch === older.get(record.key);
        await store.setRecord(record, isOlder ? { ...options, ifMatch: old?.etag } : options);
        if (old) older.set(record.key, old.etag);
      },
    });
  }),
  brokenOperations(
    'condition-before-stream',
    'Looks at conditions before a stream and not after it.',
    async (run, given) => (given.operation === 'stream' ? checkThenRun(run, given) : run(given.options)),
  ),
  brokenOperations('condition-then-write', 'Lets others write between condition and write.', checkThenRun),
  brokenStore('conditions-in-turn', 'Keeps conditional writes apart from one another, and from no others.', () => {
    let last = Promise.resolve();
    return (store) => ({
      setRecord: async (record, options = {}) => {
        if (options.ifMatch === undefined || !(record.value instanceof Uint8Array))
          return store.setRecord(record, options);
        const given = { options, key: record.key, store };
        const turn = last.then(() => checkThenRun((changed) => store.setRecord(record, changed), given));
        last = turn.catch(() => {});
        return turn;
      },
    });
  }),
  brokenStore('creation-races', 'Lets several create one record.', () => (store) => ({
    setRecord: async (record, options = {}) => {
      if (options.ifNoneMatch !== '*') return store.setRecord(record, options);
      return checkThenRun((changed) => store.setRecord(record, changed), { options, key: record.key, store });
    },
  })),
  brokenOperations('deletion-races', 'Lets others write between the condition and a deletion.', async (run, given) =>
    given.operation === 'delete' ? checkThenRun(run, given) : run(given.options),
  ),
  brokenOperations(
    'condition-not-aborted',
    'Writes under a condition although the signal has fired.',
    async (run, { options }) => run(options.ifMatch === undefined ? options : { ...options, signal: undefined }),
  ),
  brokenStore('etag-stays-under-condition', 'Goes on telling the etag that a conditional write has replaced.', () => {
    const stale = new Map<string, string>();
    const told = <T extends RecordInfo>(info: T | undefined): T | undefined =>
      info && { ...info, etag: stale.get(info.key) ?? info.etag };
    return (store) => ({
      getRecordInfo: async (key, options) => told(await store.getRecordInfo(key, options)),
      getRecordStream: async (key, options) => told(await store.getRecordStream(key, options)),
      getRecordBody: async (key, options) => told(await store.getRecordBody(key, options)),
      setRecord: async (record, options) => {
        await store.setRecord(record, options);
        if (options?.ifMatch === undefined || options.ifMatch === '*') stale.delete(record.key);
        else stale.set(record.key, options.ifMatch);
      },
    });
  }),
  brokenRefusal('refusal-in-silence', 'Keeps silent when a condition is not met.', async () => {}),
  brokenRefusal('refusal-without-code', 'Raises a plain error when a condition is not met.', async () => {
    throw new Error('The condition is not met.');
  }),
  brokenRefusal('refusal-without-etag', 'Does not tell which etag the record has.', async (error, _, key) => {
    throw new KvError('KV_PRECONDITION_FAILED', error.message, { details: { key } });
  }),
  brokenRefusal('refusal-without-key', 'Does not tell of which record.', async (error) => {
    throw new KvError('KV_PRECONDITION_FAILED', error.message, { details: { etag: error.details['etag'] } });
  }),
  brokenRefusal(
    'refusal-touches',
    'Writes the old record anew when a condition is not met.',
    async (error, store, key) => {
      const old = await store.getRecord(key);
      if (old) await store.setRecord(old);
      throw error;
    },
  ),
  brokenRefusal('refusal-deletes', 'Removes the record when a condition is not met.', async (error, store, key) => {
    await store.deleteRecord(key);
    throw error;
  }),
  brokenStore('refused-streams-wait', 'Leaves a stream open that it refuses.', () => (store) => ({
    setRecord: async (record, options = {}) => {
      const { ifNoneMatch } = options;
      const isRefused = ifNoneMatch === '*' && (await store.getRecordInfo(record.key));
      if (!isRefused) return store.setRecord(record, options);
      const details = { key: record.key, etag: isRefused.etag };
      throw new KvError('KV_PRECONDITION_FAILED', 'There is one.', { details });
    },
  })),
  brokenStore('misuse-leaves-streams', 'Leaves a stream open that comes with a wrong key.', () => (store) => ({
    setRecord: async (record, options) => {
      if (record.key === 'a/b') throw new KvError('KV_KEY_INVALID', 'No.');
      return store.setRecord(record, options);
    },
  })),
  brokenOperations(
    'lies-about-conditions',
    'Declares `conditionalWrites`, and does not have them.',
    async (run, { options }) => {
      if (options.ifMatch === undefined && options.ifNoneMatch === undefined) return run(options);
      throw new KvError('KV_NOT_SUPPORTED', 'No conditions.');
    },
  ),
  hidden(brokenBackend('hides-conditions', 'Has `conditionalWrites`, and does not declare them.', () => ({}))),
  hidden(
    brokenConditions(
      'ignores-undeclared',
      'Takes no notice of the conditions that it does not have.',
      withoutConditions,
    ),
  ),
];

/** Declares no conditional writes. */
function hidden({ open, ...mutant }: Mutant): Mutant {
  const openHidden = (): StorageBackend => {
    const backend = open();
    return change(backend, { capabilities: { ...backend.capabilities, conditionalWrites: false } });
  };
  return { ...mutant, open: openHidden };
}
