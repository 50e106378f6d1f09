import { kindOf } from '../errors/quote.js';

/** A value inside a value that JSON cannot express. */
export interface JsonProblem {
  /** Path to it from the root `$`, such as `$.items[3].price`. */
  readonly path: string;
  /** What it is, and what to use in its place. */
  readonly reason: string;
}

const MAX_DEPTH = 2000;

/**
 * Finds the first value that JSON cannot express or would change silently; `undefined` when there is none.
 *
 * Walks in the order of `JSON.stringify` and honours `toJSON`.
 */
export function findJsonProblem(root: unknown): JsonProblem | undefined {
  const path: (string | number)[] = [];
  const ancestors = new Set<object>();

  function visit(holder: unknown, key: string | number): string | undefined {
    const value = resolveToJson(holder, key);
    const reason = scalarProblem(value);
    if (reason !== undefined || typeof value !== 'object' || value === null) return reason;
    if (ancestors.has(value)) return 'a reference to one of its own parents (a cycle)';
    if (ancestors.size >= MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
    ancestors.add(value);
    const found = visitChildren(value);
    ancestors.delete(value);
    return found;
  }

  function visitChildren(value: object): string | undefined {
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) {
      path.push(key);
      const found = visit(value, key);
      if (found !== undefined) return found;
      path.pop();
    }
    return undefined;
  }

  const reason = visit({ '': root }, '');
  return reason === undefined ? undefined : { path: formatPath(path), reason };
}

/** Gives what `JSON.stringify` would see: the result of `toJSON` where there is one. */
function resolveToJson(holder: unknown, key: string | number): unknown {
  const value: unknown = (holder as Record<string | number, unknown>)[key];
  if (value instanceof Date && Number.isNaN(value.getTime())) return value;
  if (isBytes(value) || typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return unbox(typeof toJSON === 'function' ? toJSON.call(value, String(key)) : value);
}

/** JSON sees through the objects around primitives. */
function unbox(value: unknown): unknown {
  const isBoxed = /^\[object (Number|String|Boolean|BigInt)\]$/.test(Object.prototype.toString.call(value));
  return isBoxed ? Object(value).valueOf() : value;
}

function scalarProblem(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return `${value}, which JSON does not know; use null or a string`;
  if (typeof value === 'bigint') return 'a BigInt; convert it with String() or Number()';
  return typeof value === 'object' && value !== null ? objectProblem(value) : undefined;
}

function objectProblem(value: object): string | undefined {
  if (value instanceof Date) return 'an invalid Date';
  if (isBytes(value)) return `bytes (${kindOf(value)}); store them as a record of their own, or as Base64 text`;
  if (value instanceof Map) return 'a Map; convert it with Object.fromEntries()';
  if (value instanceof Set) return 'a Set; convert it with Array.from()';
  if (value instanceof Promise) return 'a Promise; await it first';
  if (isPlain(value) || Array.isArray(value) || Object.keys(value).length > 0) return undefined;
  return `an object of the class ${kindOf(value)} without properties of its own, of which JSON would keep nothing`;
}

/** Tells whether an object is made of braces, in whatever realm: its prototype is the root of all. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function formatPath(path: readonly (string | number)[]): string {
  const step = (key: string | number): string => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  };
  return `$${path.map(step).join('')}`;
}
