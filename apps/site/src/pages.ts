import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The root of the repository. */
export const ROOT: string = join(import.meta.dirname, '../../..');

/** Where the pages of the site come from, in the repository, and what they are called there. */
const SOURCES: readonly (readonly [pattern: string, target: (path: string) => string])[] = [
  ['apps/site/index.md', () => 'index.md'],
  ['docs/**/*.md', (path) => path.slice('docs/'.length)],
  ['packages/*/README.md', (path) => `packages/${path.split('/')[1]}.md`],
  ['apps/example-actor/README.md', () => 'example-actor.md'],
  ['examples/*/README.md', (path) => `examples/${path.split('/')[1]}.md`],
  ['CONTRIBUTING.md', () => 'contributing.md'],
  ['apps/site/api/@kv/*.md', (path) => `api/${basename(path)}`],
];

/** Every page: its file in the repository, and its path on the site. Both end in `.md`. */
export const PAGES: ReadonlyMap<string, string> = new Map(
  SOURCES.flatMap(([pattern, target]) =>
    globSync(pattern, { cwd: ROOT })
      .map((path) => path.replaceAll('\\', '/'))
      .toSorted()
      .map((path) => [path, target(path)] as const),
  ),
);

/** Gives the title of a page: its first heading. */
export function titleOf(file: string): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
  return title;
}
