import { isContentEncoding, isKvError } from '@kv/core';
import type { KeyValueStoreBackend, RecordInfo, SetRecord } from '@kv/core';
import { brokenStore, tick } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Changes what is stored. */
function brokenWrite(name: string, defect: string, broken: (record: SetRecord) => SetRecord): Mutant {
  return brokenStore(name, defect, () => (store) => ({
    setRecord: async (record, options) => store.setRecord(broken(record), options),
  }));
}

/** Changes the bytes that are stored, where they come as such. */
function brokenBytes(name: string, defect: string, broken: (value: Uint8Array, type: string) => Uint8Array): Mutant {
  return brokenWrite(name, defect, (record) => {
    const { value, contentType } = record;
    return { ...record, value: value instanceof Uint8Array ? broken(value, contentType) : value };
  });
}

/** Changes which key is meant, in every method. */
function brokenKey(name: string, defect: string, broken: (key: string) => string): Mutant {
  const changed = (key: string): string => (typeof key === 'string' && /^[^/]{1,256}$/.test(key) ? broken(key) : key);
  return brokenStore(name, defect, () => (store) => ({
    getRecord: async (key, options) => store.getRecord(changed(key), options),
    getRecordInfo: async (key, options) => store.getRecordInfo(changed(key), options),
    getRecordStream: async (key, options) => store.getRecordStream(changed(key), options),
    getRecordBody: async (key, options) => store.getRecordBody(changed(key), options),
    setRecord: async (record, options) => store.setRecord({ ...record, key: changed(record.key) }, options),
    deleteRecord: async (key, options) => store.deleteRecord(changed(key), options),
  }));
}

/** Changes what is told of a record. */
function brokenInfo(
  name: string,
  defect: string,
  broken: (info: RecordInfo, store: KeyValueStoreBackend) => Partial<RecordInfo>,
): Mutant {
  return brokenStore(name, defect, () => (store) => ({
    getRecordInfo: async (key, options) => {
      const info = await store.getRecordInfo(key, options);
      return info && { ...info, ...broken(info, store) };
    },
    getRecordStream: async (key, options) => {
      const record = await store.getRecordStream(key, options);
      return record && { ...record, ...broken(record, store) };
    },
    getRecordBody: async (key, options) => {
      const record = await store.getRecordBody(key, options);
      return record && { ...record, ...broken(record, store) };
    },
  }));
}

const decode = (value: Uint8Array): string => new TextDecoder().decode(value);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Records that are lost, mixed up or mended. */
export const RECORD_MUTANTS: readonly Mutant[] = [
  brokenBytes('trimmed-text', 'Trims texts.', (value, type) =>
    type.startsWith('text/') ? encode(decode(value).trim()) : value,
  ),
  brokenBytes('formatted-json', 'Parses JSON and writes it anew.', (value, type) => {
    try {
      return type.startsWith('application/json') ? encode(JSON.stringify(JSON.parse(decode(value)))) : value;
    } catch {
      return value;
    }
  }),
  brokenBytes('text-decoded', 'Decodes and encodes all bytes as UTF-8.', (value) => encode(decode(value))),
  brokenBytes('cut-at-64-kib', 'Stores the first 64 KiB alone.', (value) => value.subarray(0, 65_536)),
  brokenBytes(
    'whole-buffer',
    'Stores the whole buffer behind a view.',
    (value) => new Uint8Array(value.buffer as ArrayBuffer),
  ),
  brokenWrite('lower-case-type', 'Stores content types in lower case.', (record) => ({
    ...record,
    contentType: typeof record.contentType === 'string' ? record.contentType.toLowerCase() : record.contentType,
  })),
  brokenWrite('type-without-parameters', 'Stores content types without their parameters.', (record) => ({
    ...record,
    contentType: typeof record.contentType === 'string' ? record.contentType.replace(/ *;.*/, '') : record.contentType,
  })),
  brokenWrite('type-with-charset', 'Adds a charset to JSON types that have none.', (record) => ({
    ...record,
    contentType: record.contentType === 'application/json' ? 'application/json; charset=utf-8' : record.contentType,
  })),
  brokenWrite('lenient-type', 'Stores what is no content type as bytes of no type.', (record) => ({
    ...record,
    contentType: /^[\w.+-]+\/[\w.+-]+ *(;[^\r\n\0]*)?$/.test(record.contentType)
      ? record.contentType
      : 'application/octet-stream',
  })),
  brokenKey('keys-without-case', 'Takes `Photo` and `photo` for one key.', (key) => key.toLowerCase()),
  brokenKey('keys-of-255', 'Cuts keys after 255 characters.', (key) => key.slice(0, 255)),
  brokenKey('keys-without-extension', 'Takes `photo.png` and `photo` for one key.', (key) =>
    key.replace(/(.)\.png$/, '$1'),
  ),
  brokenKey('keys-without-quotes', 'Leaves quotes out of keys.', (key) => key.replaceAll("'", '') || "'"),
  brokenKey('keys-as-windows', 'Takes no notice of a dot at the end of a key.', (key) =>
    key.replace(/([^.])\.$/, '$1'),
  ),
  brokenStore('sticky-type', 'Keeps the first content type of a key.', () => {
    const types = new Map<string, string>();
    return (store) => ({
      setRecord: async (record, options) => {
        const contentType = types.get(record.key) ?? record.contentType;
        await store.setRecord({ ...record, contentType }, options);
        types.set(record.key, contentType);
      },
    });
  }),
  brokenStore('sticky-coding', 'Tells the last coding of a key after a write without one.', () => {
    const codings = new Map<string, SetRecord['contentEncoding']>();
    return (store) => ({
      setRecord: async (record, options) => {
        const contentEncoding = record.contentEncoding ?? codings.get(record.key);
        await store.setRecord({ ...record, contentEncoding }, options);
        codings.set(record.key, contentEncoding);
      },
    });
  }),
  brokenWrite('lenient-coding', 'Leaves out what is no coding.', (record) => {
    const { contentEncoding, ...rest } = record;
    return isContentEncoding(contentEncoding) ? record : rest;
  }),
  brokenWrite('coding-in-type', 'Writes the coding into the content type.', (record) => ({
    ...record,
    contentType: record.contentEncoding
      ? `${record.contentType}; coding=${record.contentEncoding}`
      : record.contentType,
  })),
  brokenStore(
    'coding-of-info-alone',
    'Tells another coding by getRecordInfo than by the ways of reading.',
    () => (store) => ({
      getRecordInfo: async (key, options) => {
        const info = await store.getRecordInfo(key, options);
        return info && { ...info, contentEncoding: undefined };
      },
    }),
  ),
  brokenStore('first-write-wins', 'Does not replace a record that is there.', () => (store) => ({
    setRecord: async (record, options) => {
      await store
        .getRecordInfo(record.key, options)
        .then((info) => (info ? undefined : store.setRecord(record, options)));
    },
  })),
  brokenStore('value-patched', 'Writes over the old value without cutting it.', () => (store) => ({
    setRecord: async (record, options) => {
      const old = await store.getRecord(record.key);
      const { value } = record;
      if (!old || !(value instanceof Uint8Array)) return store.setRecord(record, options);
      const rest = old.value.subarray(value.length);
      return store.setRecord({ ...record, value: Buffer.concat([value, rest]) }, options);
    },
  })),
  brokenStore('empty-is-absent', 'Takes an empty value for no record.', () => (store) => ({
    getRecord: async (key, options) => {
      const record = await store.getRecord(key, options);
      return record?.value.length === 0 ? undefined : record;
    },
  })),
  brokenStore('always-there', 'Tells of a record where there is none.', () => (store) => ({
    getRecordInfo: async (key, options) =>
      (await store.getRecordInfo(key, options)) ?? {
        key,
        contentType: 'text/plain',
        size: 0,
        etag: '',
        modifiedAt: new Date(),
      },
  })),
  brokenStore('absence-is-an-error', 'Raises an error for a record that does not exist.', () => (store) => ({
    getRecord: async (key, options) => {
      const record = await store.getRecord(key, options);
      if (!record) throw new Error('Not found.');
      return record;
    },
  })),
  brokenStore('delete-does-nothing', 'Deletes nothing.', () => (store) => ({
    deleteRecord: async (key, options) => void (await store.getRecordInfo(key, options)),
  })),
  brokenStore('delete-of-nothing-fails', 'Raises an error when what is deleted does not exist.', () => (store) => ({
    deleteRecord: async (key, options) => {
      if (!(await store.getRecordInfo(key, options))) throw new Error('Not found.');
      await store.deleteRecord(key, options);
    },
  })),
  brokenStore('delete-by-prefix', 'Deletes all keys that begin with the key.', () => (store) => ({
    deleteRecord: async (key, options) => {
      await store.deleteRecord(key, options);
      const { items } = await store.listKeys({ prefix: key });
      for (const item of items) await store.deleteRecord(item.key);
    },
  })),
  brokenStore('lenient-keys', 'Finds nothing under an illegal key instead of refusing it.', () => (store) => ({
    getRecord: async (key, options) =>
      store.getRecord(key, options).catch((error: unknown) => {
        if (!isKvError(error, 'KV_KEY_INVALID')) throw error;
        return undefined;
      }),
  })),
  brokenStore('dots-are-keys', 'Takes `..` for a key when deleting.', () => (store) => ({
    deleteRecord: async (key, options) => (key === '..' || key === '.' ? undefined : store.deleteRecord(key, options)),
  })),
  brokenStore('shared-bytes-in', 'Keeps the bytes of the caller by reference.', () => {
    const kept = new Map<string, Uint8Array>();
    return (store) => ({
      setRecord: async (record, options) => {
        await store.setRecord(record, options);
        if (record.value instanceof Uint8Array) kept.set(record.key, record.value);
        else kept.delete(record.key);
      },
      getRecord: async (key, options) => {
        const record = await store.getRecord(key, options);
        return record && { ...record, value: kept.get(key)?.slice() ?? record.value };
      },
    });
  }),
  brokenStore('shared-bytes-out', 'Gives all readers the same bytes.', () => {
    const given = new Map<string, Uint8Array>();
    return (store) => ({
      getRecord: async (key, options) => {
        const record = await store.getRecord(key, options);
        const info = await store.getRecordInfo(key);
        if (!record || !info) return record;
        const value = given.get(info.etag) ?? record.value;
        given.set(info.etag, value);
        return { ...record, value };
      },
    });
  }),
  brokenStore('late-copy', 'Copies the bytes of the caller after the promise has settled.', () => (store) => ({
    setRecord: async (record, options) => {
      await store.setRecord(record, options);
      const { value } = record;
      if (value instanceof Uint8Array) setImmediate(() => void store.setRecord(record).catch(() => {}));
    },
  })),
  brokenInfo('size-minus-one', 'Tells a size that is one byte too small.', ({ size }) => ({
    size: size > 0 ? size - 1 : 0,
  })),
  brokenInfo('time-of-reading', 'Tells the time of reading for that of writing.', () => ({
    modifiedAt: new Date(Date.now() + Math.round(performance.now() * 1000)),
  })),
  brokenInfo('time-of-creation', 'Tells no time of writing but that of the beginning.', () => ({
    modifiedAt: new Date(0),
  })),
  brokenInfo('etag-of-size', 'Makes the etag of the size and the type.', ({ size, contentType }) => ({
    etag: `${size}${contentType}`,
  })),
  brokenInfo('etag-of-time', 'Makes the etag of the time of the write.', ({ modifiedAt }) => ({
    etag: modifiedAt.toISOString(),
  })),
  brokenInfo('random-etag', 'Makes a new etag at each look.', () => ({ etag: String(Math.random()) })),
  brokenStore('etag-of-value', 'Makes the etag of the value alone.', () => (store) => ({
    getRecordInfo: async (key, options) => {
      const info = await store.getRecordInfo(key, options);
      const record = await store.getRecord(key, options);
      return info && record && { ...info, etag: decode(record.value) };
    },
  })),
  brokenStore('etag-of-write', 'Counts writes for an etag.', () => {
    const writes = new Map<string, number>();
    return (store) => ({
      setRecord: async (record, options) => {
        await store.setRecord(record, options);
        writes.set(record.key, (writes.get(record.key) ?? 0) + 1);
      },
      getRecordInfo: async (key, options) => {
        const info = await store.getRecordInfo(key, options);
        return info && { ...info, etag: String(writes.get(key)) };
      },
      getRecordStream: async (key, options) => {
        const info = await store.getRecordStream(key, options);
        return info && { ...info, etag: String(writes.get(key)) };
      },
      getRecordBody: async (key, options) => {
        const info = await store.getRecordBody(key, options);
        return info && { ...info, etag: String(writes.get(key)) };
      },
    });
  }),
  brokenStore('stale-size', 'Lists the size that a record had at first.', () => {
    const sizes = new Map<string, number>();
    return (store) => ({
      listKeys: async (options) => {
        const page = await store.listKeys(options);
        for (const { key, size } of page.items) sizes.set(key, sizes.get(key) ?? size);
        return { ...page, items: page.items.map(({ key, size }) => ({ key, size: sizes.get(key) ?? size })) };
      },
    });
  }),
  brokenStore('delete-before-write', 'Deletes the old record before it writes the new one.', () => (store) => ({
    setRecord: async (record, options) => {
      await store.setRecord({ ...record, key: 'probe', value: new Uint8Array() }, options);
      await store.deleteRecord('probe');
      await store.deleteRecord(record.key, options);
      await tick();
      await store.setRecord(record, options);
    },
  })),
  brokenStore('type-after-value', 'Writes the content type after the value.', () => (store) => ({
    setRecord: async (record, options) => {
      const old = await store.getRecordInfo(record.key, options);
      const { value, contentType } = record;
      if (!old || !(value instanceof Uint8Array)) return store.setRecord(record, options);
      const copy = value.slice();
      await store.setRecord({ ...record, contentType: old.contentType }, options);
      await tick();
      return store.setRecord({ ...record, value: copy, contentType }, options);
    },
  })),
  brokenStore('busy-drops-writes', 'Drops a write when ten others are under way.', () => {
    let busy = 0;
    return (store) => ({
      setRecord: async (record, options) => {
        busy += 1;
        try {
          await tick();
          if (busy <= 10) await store.setRecord(record, options);
        } finally {
          busy -= 1;
        }
      },
    });
  }),
  brokenStore('write-behind', 'Acknowledges small writes before they are done.', () => (store) => ({
    setRecord: async (record, options) => {
      const { value } = record;
      if (!(value instanceof Uint8Array) || value.length === 0 || options?.signal)
        return store.setRecord(record, options);
      await store.setRecord({ ...record, key: 'probe' });
      await store.deleteRecord('probe');
      const copy = value.slice();
      setTimeout(() => void store.setRecord({ ...record, value: copy }).catch(() => {}), 2);
    },
  })),
];
