import { parseContentType } from '@kv/core';

/** Below this a compressed body saves nothing. */
const LEAST_BYTES = 1024;

const COMPRESSIBLE = /^text\/|[/+.-](json|jsonl|ndjson|json5|xml|javascript|ecmascript|yaml|toml|csv|sql|wasm)$/;
/** The API serves HTML changed, and refuses to when it lies there compressed. */
const NEVER: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml']);

/** Compresses the body of a record where that is worth it; `undefined` where it is not. */
export async function compress(body: Uint8Array, contentType: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body.byteLength <= LEAST_BYTES || !isCompressible(contentType)) return undefined;
  const stream = new Blob([body as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'));
  const compressed = new Uint8Array(await new Response(stream).arrayBuffer());
  return compressed.byteLength < body.byteLength ? compressed : undefined;
}

function isCompressible(contentType: string): boolean {
  const essence = parseContentType(contentType)?.essence ?? '';
  return COMPRESSIBLE.test(essence) && !NEVER.has(essence);
}
