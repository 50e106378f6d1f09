import { FEATURES } from './features.js';
import type { Row } from './matrix.js';

/** A row of the table, without its frame. */
export type Cells = readonly string[];

/** Gives the row of the table: `yes`, or the number of the note that tells what the tool itself cannot do. */
export function cellsOf(
  { writer, reader, tool }: Row,
  problems: readonly (string | undefined)[],
  notes: readonly string[],
): Cells {
  const cells = problems.map((problem, index) => {
    if (problem === undefined) return 'yes';
    return `note ${notes.indexOf(tool.limits?.[FEATURES[index]?.title as string] as string) + 1}`;
  });
  return [writer, reader, ...cells];
}

/** Gives the rows of the table in a page. */
export function readRows(page: string): readonly Cells[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** Makes the page. */
export function interopPage(rows: readonly Cells[], notes: readonly string[]): string {
  const table = [['Written by', 'Read by', ...FEATURES.map(({ title }) => title)], ...rows];
  const widths = (table[0] as Cells).map((_, column) =>
    Math.max(...table.map((cells) => (cells[column] as string).length)),
  );
  const lines = table.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`,
  );
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return `${HEAD}${lines.join('\n')}\n\n${notes.map((note, index) => `${index + 1}. ${note}.\n`).join('')}${TAIL}`;
}

const HEAD = `# Directories of other tools

What [\`@kv/fs\`](../../packages/fs/README.md) and the tools of Apify and Crawlee read of each other in one directory. Where several
write, each overwrites all records of the one before, and changes their types. \`yes\` means: every value and its content type are
read as they were written last, every key is listed once, and no other. The tests of the package make this table with the tools themselves:
\`@crawlee/memory-storage\` 3 and the versions 1.7, 2.7, 3.4 and 4.1 of \`apify\` for Python; for Crawlee 4, which no registry has yet,
with its published source as the model.

`;

const TAIL = `
What the tools themselves do not do, with or without kv:

- Crawlee 3 without \`writeMetadata\`, as by default, and Python SDK 1 without \`write_metadata\` know the type of a record by the extension of its file. Types that
  no extension tells, such as another charset, are kept in a sidecar by kv, which Crawlee 3 reads and Python SDK 1 does not.
- Crawlee 3 leaves the file of the type before. kv reads the newer of the two and removes the other with its next write; when Crawlee 3
  itself then deletes the record, the older value is there again, for itself as for kv.
- None of them knows a store of kv's own layout. What one of them writes there is read by kv only where it has a name of its own: a
  store that is to be shared is made by the other tool, or with \`layout: 'crawlee'\`.
- Crawlee 3 and Python SDK 1 and 2 keep the PNG images \`photo\` and \`photo.png\` in one file.
- Crawlee 3 with \`writeMetadata\` cannot list a store again that it has written: it encodes its sidecars twice. kv reads them, and
  what kv writes replaces them.
- Names of more than 237 bytes: Crawlee 4 and Python SDK 3 and later list the record that kv writes, under its key, and cannot read it.
`;
