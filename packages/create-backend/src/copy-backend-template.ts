import { copyTemplate } from '@kv/tooling/copy-template';
import type { BackendNames } from './backend-names.ts';

/** From where to where, and what becomes of the words in between. */
export interface CopyBackendTemplateOptions {
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

/** Copies a folder of the template, and names everything in it after the backend. */
export function copyBackendTemplate({ from, to, names, ranges }: CopyBackendTemplateOptions): void {
  const { packageName, word, className } = names;
  const words: Record<string, string> = { '@kv/template': packageName, Template: className, template: word };
  const rename = (text: string): string => text.replaceAll(WORDS, (found) => words[found] ?? found);
  const fill = (text: string): string =>
    ranges ? text.replaceAll(RANGE, (_, name: string) => `"${name}": "${rangeOf(name, ranges)}"`) : text;
  copyTemplate({ from, to, editPath: rename, editText: (text) => fill(rename(text)) });
}

function rangeOf(name: string, ranges: Readonly<Record<string, string>>): string {
  const range = ranges[name];
  if (range === undefined) throw new Error(`The generator does not know which version of ${name} to ask for.`);
  return range;
}
