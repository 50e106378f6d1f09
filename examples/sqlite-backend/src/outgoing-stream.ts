import type { DatabaseSync } from 'node:sqlite';

const SELECT_CHUNKS = 'SELECT bytes FROM chunks WHERE recordId = ? ORDER BY position';

/** Streams a value out of a connection of its own, one chunk at a time; closes it at the end, on failure and on cancel. */
export function outgoingStream(snapshot: DatabaseSync, recordId: number): ReadableStream<Uint8Array> {
  const chunks = snapshot.prepare(SELECT_CHUNKS).iterate(recordId);
  function pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    try {
      const { value } = chunks.next();
      if (value) return controller.enqueue(value['bytes'] as Uint8Array);
      controller.close();
    } catch (error) {
      controller.error(error);
    }
    snapshot.close();
  }
  return new ReadableStream<Uint8Array>({ pull, cancel: () => snapshot.close() }, { highWaterMark: 0 });
}
