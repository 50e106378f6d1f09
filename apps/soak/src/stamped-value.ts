import type { ContentEncoding } from '@kv/core';

/** What makes a written value known again: who wrote it, under which type, and how long it is. */
export interface Stamp {
  /** Unique among all values that are ever written under the key. */
  readonly id: string;
  readonly contentType: string;
  /** The coding that the value is said to have come in. */
  readonly contentEncoding?: ContentEncoding | undefined;
  readonly size: number;
}

/** The least size of a value, so that its stamp has room. */
export const MIN_VALUE_BYTES = 200;

/** Makes the bytes of a value: the stamp, and then its id again and again up to the size. They are JSON, whatever the type. */
export function stampedBytes(stamp: Stamp): Uint8Array {
  const bytes = Buffer.alloc(stamp.size, `${stamp.id}.`);
  bytes.write(`[${JSON.stringify(stamp)}\n,"`);
  bytes.write('"]', stamp.size - 2);
  return bytes;
}

/**
 * Reads the stamp of a value.
 *
 * @throws Error when the bytes are not exactly those of one write, or belong to a write of another content type.
 */
export function readStamp(value: Uint8Array, contentType: string): Stamp {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const stamp = parseHead(bytes.subarray(1, bytes.indexOf('\n')).toString());
  if (!stamp || !bytes.equals(stampedBytes(stamp))) {
    throw new Error(
      `torn value: ${bytes.length} bytes that begin with ${JSON.stringify(bytes.toString('utf8', 0, 120))}`,
    );
  }
  if (stamp.contentType !== contentType) {
    throw new Error(`wrong type: the write ${stamp.id} had ${stamp.contentType}, and was read as ${contentType}`);
  }
  return stamp;
}

/** Cuts a value into a stream of pieces. */
export function streamOf(bytes: Uint8Array, pieceBytes = 20_000): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(offset, (offset += pieceBytes)));
    },
  });
}

/** Reads a stream to its end. */
export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function parseHead(text: string): Stamp | undefined {
  try {
    return JSON.parse(text) as Stamp;
  } catch {
    return undefined;
  }
}
