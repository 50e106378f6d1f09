import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { BackendNames } from './backend-names.ts';

/** From where to where, and what becomes of the words in between. */
export interface CopyTemplateOptions {
  /** A folder of `template/`. */
  readonly from: string;
  /** Where its files go. */
  readonly to: string;
  /** What the words `@kv/template`, `template` and `Template` become, in the files and in their names. */
  readonly names: BackendNames;
  /** What the ranges `workspace:` and `catalog:` become, by package; without it they stay. */
  readonly ranges?: Readonly<Record<string, string>>;
}

const WORDS = /@kv\/template|Template|template/g;
const RANGE = /"([^"]+)": "(?:workspace|catalog):[^"]*"/g;

/**
 * Copies a folder of the template. A file whose name begins with `_`, which hides it from the tools that would take it for
 * one of this package's own, loses that character.
 */
export function copyTemplate({ from, to, names, ranges }: CopyTemplateOptions): void {
  const { packageName, word, className } = names;
  const words: Record<string, string> = { '@kv/template': packageName, Template: className, template: word };
  const rename = (text: string): string => text.replaceAll(WORDS, (found) => words[found] ?? found);
  const fill = (text: string): string =>
    ranges ? text.replaceAll(RANGE, (_, name: string) => `"${name}": "${rangeOf(name, ranges)}"`) : text;

  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, rename(relative(from, source)).replaceAll(/(^|[/\\])_/g, '$1'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(rename(readFileSync(source, 'utf8'))));
  }
}

/**
 * Makes sure that nothing of the user's is in the way.
 *
 * @throws `Error` when something is there that is not an empty folder.
 */
export function assertEmpty(dir: string): void {
  if (!existsSync(dir)) return;
  if (!statSync(dir).isDirectory()) throw new Error(`${dir} is a file. Choose another name, or move it away.`);
  const [first] = readdirSync(dir);
  if (first !== undefined) {
    throw new Error(`The folder ${dir} is not empty: it holds ${first}. Choose another name, or empty it.`);
  }
}

function rangeOf(name: string, ranges: Readonly<Record<string, string>>): string {
  const range = ranges[name];
  if (range === undefined) throw new Error(`The generator does not know which version of ${name} to ask for.`);
  return range;
}
