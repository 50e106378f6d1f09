import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** From where to where, and what becomes of paths and texts in between. */
export interface CopyTemplateOptions {
  /** A folder of template files. */
  readonly from: string;
  /** Where they go. */
  readonly to: string;
  /** Gives the path of a file in the copy by that in the template; without it they are the same. */
  readonly editPath?: (path: string) => string;
  /** Gives the text of a file in the copy, by its text in the template and its path in the copy. */
  readonly editText?: (text: string, path: string) => string;
}

const HIDING = /(^|[/\\])_/g;

/**
 * Copies the files of a template, which are texts. A file whose name begins with `_`, which hides it from the tools that
 * would take it for one of the generator's own, loses that character.
 */
export function copyTemplate({ from, to, editPath = same, editText = same }: CopyTemplateOptions): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = editPath(relative(from, source)).replaceAll(HIDING, '$1');
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, editText(readFileSync(source, 'utf8'), path));
  }
}

function same(text: string): string {
  return text;
}
