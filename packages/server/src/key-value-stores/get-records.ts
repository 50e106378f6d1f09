import { makeZip } from 'client-zip';
import type { ApiContext } from '../http/api-context.js';
import { contentHeaders } from '../http/content-headers.js';
import { respond } from '../http/respond.js';
import { keyFilter } from './key-filter.js';
import type { KeyFilter } from './key-filter.js';
import type { Store } from './store.js';

/** A file of an archive. */
interface ArchivedFile {
  readonly name: string;
  readonly input: ReadableStream<Uint8Array>;
  readonly size: number;
  readonly lastModified: Date;
}

/** `GET /key-value-stores/:storeId/records`: the records as an archive, made while it is sent. */
export async function getRecords(c: ApiContext): Promise<Response> {
  const { store, isOpen } = c.get('target');
  const filter = await keyFilter(c, store);
  const { name } = await store.getInfo();
  const headers = contentHeaders({
    contentType: 'application/zip',
    fileName: `${name ?? store.id}.zip`,
    isAttachment: true,
    isOpen,
  });
  if (c.req.method === 'HEAD') return respond(c, null, { headers });
  return respond(c, makeZip(archivedFiles(store, filter)), { headers });
}

/** Gives the files of an archive. When that is canceled, it calls `throw` and leaves the file as it is that it reads. */
function archivedFiles(store: Store, filter: KeyFilter): AsyncIterable<ArchivedFile> {
  const canceled = new AbortController();
  const files = readFiles(store, filter, canceled.signal);
  const cancel = async (): Promise<IteratorResult<ArchivedFile>> => {
    canceled.abort();
    return files.return(undefined);
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => files.next(), throw: cancel }) };
}

async function* readFiles(store: Store, filter: KeyFilter, signal: AbortSignal): AsyncGenerator<ArchivedFile> {
  for await (const key of listAll(store, filter)) {
    const record = await store.records.getRecordStream(key);
    // It may have been deleted since it was listed.
    if (!record) continue;
    const input = record.stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
    yield { name: key, input, size: record.size, lastModified: record.modifiedAt };
  }
}

async function* listAll(store: Store, { prefix, only, isEmpty }: KeyFilter): AsyncGenerator<string> {
  if (isEmpty) return;
  if (only !== undefined) {
    yield only;
    return;
  }
  let exclusiveStartKey: string | undefined;
  do {
    const page = await store.records.listKeys({ prefix, exclusiveStartKey });
    yield* page.items.map(({ key }) => key);
    exclusiveStartKey = page.nextExclusiveStartKey ?? undefined;
  } while (exclusiveStartKey !== undefined);
}
