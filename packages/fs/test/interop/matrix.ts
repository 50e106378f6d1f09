import { isDeepStrictEqual } from 'node:util';
import { FEATURES, keysOf, OLD_VALUE, set } from './features.js';
import type { Feature } from './features.js';
import { runKv } from './kv.js';
import type { Operation, Result, RunTool, Value } from './operation.js';
import type { Tool } from './tools.js';

/** A row of the matrix: who writes in turn, and who reads afterwards. */
export interface Row {
  readonly writer: string;
  readonly reader: string;
  readonly tool: Tool;
  readonly writers: readonly RunTool[];
  readonly read: RunTool;
}

/** What was found of a store: a value or `null` for each key, and the keys that are listed. */
interface Reading {
  readonly values: ReadonlyMap<string, Value | null>;
  readonly listed: readonly string[];
}

/** Gives the rows for a tool: its own store read by kv, and a store in which both write, in either order. */
export function rowsOf(tool: Tool): readonly Row[] {
  const { name, run } = tool;
  const kv = runKv();
  const rows = [
    { writer: name, reader: 'kv', tool, writers: [run], read: kv },
    { writer: `${name}, kv`, reader: name, tool, writers: [run, kv], read: run },
    { writer: `${name}, kv`, reader: 'kv', tool, writers: [run, kv], read: kv },
    { writer: `${name}, kv, ${name}`, reader: 'kv', tool, writers: [run, kv, run], read: kv },
  ];
  if (name.startsWith('Crawlee 3') || tool.ignoresCharset === true) return rows;
  const crawlee = runKv({ layout: 'crawlee' });
  return [...rows, { writer: "kv, `layout: 'crawlee'`", reader: name, tool, writers: [crawlee], read: run }];
}

/** Tries a row in an empty directory, and gives for each feature what was wrong; `undefined` where all is right. */
export async function tryRow({ writers, read, tool }: Row, dir: string): Promise<readonly (string | undefined)[]> {
  for (const [index, write] of writers.entries()) {
    const isLast = index === writers.length - 1;
    await write(
      dir,
      FEATURES.flatMap((feature) => (isLast ? feature.operations : oldOperations(feature, index))),
    );
  }
  return problemsOf(read, dir, tool.ignoresCharset === true && read === tool.run);
}

/** Reads a store in which all operations of the features have been done, and gives for each what is wrong. */
export async function problemsOf(
  read: RunTool,
  dir: string,
  isCharsetLost = false,
): Promise<readonly (string | undefined)[]> {
  const reading = await readAll(read, dir);
  return FEATURES.map((feature) => problemOf(feature, reading, isCharsetLost) ?? strangerOf(feature, reading.listed));
}

async function readAll(read: RunTool, dir: string): Promise<Reading> {
  const keys = FEATURES.flatMap(keysOf);
  const operations = keys.map((key): Operation => ({ name: 'get', key }));
  const [listed, ...values] = await read(dir, [{ name: 'list' }, ...operations]);
  return {
    listed: listed as readonly string[],
    values: new Map(keys.map((key, index) => [key, values[index] as Value | null])),
  };
}

function oldOperations(feature: Feature, round: number): readonly Operation[] {
  return keysOf(feature).map((key) => set(key, { ...OLD_VALUE, text: `old ${round}` }));
}

function problemOf({ expected }: Feature, { values, listed }: Reading, isCharsetLost: boolean): string | undefined {
  for (const [key, value] of Object.entries(expected)) {
    const found: Result | undefined = values.get(key);
    const wanted = value && isCharsetLost ? { ...value, contentType: value.contentType.replace(/;.*/, '') } : value;
    if (!isDeepStrictEqual(found ?? undefined, wanted)) return `${key} is ${JSON.stringify(found)}`;
    if (listed.includes(key) !== (value !== undefined)) return `${key} is ${value ? 'not ' : ''}listed`;
  }
  return undefined;
}

/** A key that nobody has written, or one that is listed twice, counts against the key that it begins like. */
function strangerOf(feature: Feature, listed: readonly string[]): string | undefined {
  const known = new Set(FEATURES.flatMap(keysOf));
  const strangers = listed.filter((key, index) => !known.has(key) || listed.indexOf(key) !== index);
  const stranger = strangers.find((key) => keysOf(feature).some((own) => own === key || own.startsWith(`${key}.`)));
  return stranger === undefined ? undefined : `${stranger} is listed`;
}
