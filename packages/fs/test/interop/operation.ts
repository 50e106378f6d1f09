/** A value as all tools can pass it on, with its content type. */
export interface Value {
  readonly json?: unknown;
  readonly text?: string;
  readonly base64?: string;
  readonly contentType: string;
}

/** What a tool is told to do with a store. */
export type Operation =
  | ({ readonly name: 'set'; readonly key: string } & Value)
  | { readonly name: 'delete' | 'get'; readonly key: string }
  | { readonly name: 'list' };

/** What came of an operation: a value or `null` for `get`, the keys for `list`. */
export type Result = Value | readonly string[] | null;

/** Does operations on the store `interop` in a directory, in a process or a client of its own. */
export type RunTool = (dir: string, operations: readonly Operation[]) => Promise<readonly Result[]>;

/** Gives the bytes that a value is stored as. */
export function toBytes({ json, text, base64 }: Value): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return Buffer.from(text ?? JSON.stringify(json, null, 2));
}

/** Reads bytes as their content type says. */
export function toValue(bytes: Uint8Array, contentType: string): Value {
  const buffer = Buffer.from(bytes);
  if (contentType.startsWith('application/json')) return { json: JSON.parse(buffer.toString()), contentType };
  if (contentType.startsWith('text/')) return { text: buffer.toString(), contentType };
  return { base64: buffer.toString('base64'), contentType };
}
