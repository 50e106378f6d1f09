import type { Stats } from 'node:fs';
import { BINARY_CONTENT_TYPE, isRecordKey, KvError, parseContentType } from '@kv/core';
import { isSidecarName, METADATA_FILE, readSidecarFile } from '../layout/sidecar.js';
import { isSnakeCase } from './layout-name.js';
import type { LayoutName } from './layout-name.js';

/** The value that a change of type takes the place of. Until it is gone, the sidecar speaks of it. */
export interface ReplacedValue {
  readonly contentType: string;
  readonly file: string;
  /** The {@link valueMark} of its file. */
  readonly value: string;
}

/** What a sidecar says, whichever tool has written it. */
export interface ForeignSidecar {
  readonly key: string;
  readonly contentType: string;
  /** Names of the file with the value: the first that exists. */
  readonly files: readonly string[];
  /** The {@link valueMark} of the only file that this is true of; when absent, it is true of any. */
  readonly value?: string | undefined;
  readonly replaces?: ReplacedValue | undefined;
  /** Size of the value in bytes as it is written down, for other tools. */
  readonly size?: number | undefined;
}

/** A sidecar as it was found. */
export interface FoundForeignSidecar extends ForeignSidecar {
  /** What its file's name begins with. */
  readonly stem: string;
  /** The whole of it. Times and numbers of files come again; what it says of values does not. */
  readonly text: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** Tells one value of a record from another without reading it. */
export function valueMark({ size, mtimeMs }: Stats): string {
  return `${size}:${mtimeMs}`;
}

/** Tells whether two marks are of one value, which may have been copied by a tool that cuts its time to milliseconds. */
function isSameValue(mark: string, other: string): boolean {
  return mark.replace(/\.\d+$/, '') === other.replace(/\.\d+$/, '');
}

/**
 * Reads a sidecar of any tool; `undefined` when there is none.
 *
 * @throws KvError `KV_RECORD_CORRUPT` when it is not one, or names a file outside of its store.
 */
export function readForeignSidecar(dir: string, stem: string): FoundForeignSidecar | undefined {
  const found = readSidecarFile(dir, stem);
  return found && { ...parse(found.text, found.path, stem), stem, text: found.text };
}

/** Gives the key that a sidecar states, be it a legal one or not; `undefined` when it states none. */
export function statedKey(dir: string, stem: string): string | undefined {
  const found = readSidecarFile(dir, stem);
  const key = found && keyOf(readProperties(found.text, found.path));
  return typeof key === 'string' ? key : undefined;
}

/** Writes down a sidecar as the tool of a layout does. */
export function formatForeignSidecar(layout: LayoutName, sidecar: ForeignSidecar, extension?: string): string {
  const { key, contentType, files, size, value, replaces } = sidecar;
  const type = isSnakeCase(layout) ? { content_type: contentType } : { contentType };
  if (extension === undefined) return JSON.stringify({ key, ...type, size, value, replaces }, null, 2);
  // Crawlee 3 finds the value by key and extension, and lists nothing any more when it is not there.
  const file = files[0] as string;
  const stem = file.slice(0, -extension.length - 1);
  const names = { key: stem, ...(key === stem ? {} : { recordKey: key }), extension, file };
  return JSON.stringify({ ...names, ...type, size, value, replaces }, null, 2);
}

/** Tells the type that a sidecar gives to a file; `undefined` when it does not speak of this value. */
export function describedType(sidecar: ForeignSidecar, file: string, stats: Stats): string | undefined {
  const { replaces, value, files, contentType } = sidecar;
  const mark = valueMark(stats);
  if (replaces?.file === file && replaces.value === mark) return replaces.contentType;
  if (!files.includes(file) || (value !== undefined && !isSameValue(value, mark))) return undefined;
  return contentType;
}

function readProperties(text: string, path: string): Properties {
  try {
    const content: unknown = JSON.parse(text);
    // Crawlee 3 encodes twice.
    return Object(typeof content === 'string' ? JSON.parse(content) : content) as Properties;
  } catch (cause) {
    throw corrupt(path, 'it is not JSON', cause);
  }
}

function keyOf(properties: Properties): unknown {
  return properties['recordKey'] ?? properties['key'];
}

function parse(text: string, path: string, stem: string): ForeignSidecar {
  const parsed = readProperties(text, path);
  const { contentType = parsed['content_type'], replaces, value, size } = parsed;
  const key = keyOf(parsed);
  if (typeof key !== 'string' || !isRecordKey(key) || typeof contentType !== 'string') {
    throw corrupt(path, 'it lacks a legal "key" or "contentType"');
  }
  const files = filesOf(parsed, key, stem);
  const old = parseReplaced(replaces);
  if (![...files, ...(old ? [old.file] : [])].every(isBareName)) {
    throw corrupt(path, 'it does not name a file in the same directory');
  }
  return {
    key,
    contentType: legalType(contentType, path),
    files,
    replaces: old,
    value: typeof value === 'string' ? value : undefined,
    size: typeof size === 'number' ? size : undefined,
  };
}

/** Other tools take any word for a type. It must not keep anyone from the value, nor be more than a word in a header. */
function legalType(contentType: string, path: string): string {
  if (parseContentType(contentType)) return contentType;
  if (/^[\x20-\x7e]*$/.test(contentType)) return BINARY_CONTENT_TYPE;
  throw corrupt(path, 'its "contentType" is no content type');
}

/** kv names the file, later versions of Crawlee 4 may, Crawlee 3 gives the extension, and for the others it is the stem. */
function filesOf({ file, filename, extension }: Properties, key: string, stem: string): readonly string[] {
  const named = file ?? filename;
  if (typeof named === 'string') return [named];
  // A key that carries its extension is the file's whole name.
  return typeof extension === 'string' ? [`${key}.${extension}`, key] : [stem];
}

function parseReplaced(replaces: unknown): ReplacedValue | undefined {
  const { contentType, file, value } = Object(replaces) as Properties;
  if (typeof contentType !== 'string' || typeof file !== 'string' || typeof value !== 'string') return undefined;
  return parseContentType(contentType) && { contentType, file, value };
}

function isBareName(file: string): boolean {
  const isPath = file === '' || file === '.' || file === '..' || /[/\\\0]/.test(file);
  return !isPath && file !== METADATA_FILE && !isSidecarName(file);
}

function corrupt(path: string, problem: string, cause?: unknown): KvError {
  return new KvError(
    'KV_RECORD_CORRUPT',
    `The file ${path} does not describe a record: ${problem}. Mend it, or delete it to find the value by its file name.`,
    { details: { path }, ...(cause === undefined ? {} : { cause }) },
  );
}
