import { statfsSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import type { Figures, SoakPart } from './soak-parts.ts';

/** A part, and what came of its runs. */
export interface PartResult extends Pick<SoakPart, 'title' | 'text'> {
  readonly rows: readonly Figures[];
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlayfs',
  0x58465342: 'XFS',
  0x9123683e: 'Btrfs',
};

/** Makes the page of the results, with the conditions of the run. */
export function renderPage(results: readonly PartResult[], share: number, seed: number): string {
  const fileSystem = FILE_SYSTEMS[statfsSync(tmpdir()).type] ?? 'another file system';
  const machine = `Node ${process.version}, ${type()} ${release().split('-')[0]}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${fileSystem}`;
  const size = share === 1 ? 'at full size' : `at ${share} of the full size`;
  const parts = results.map(({ title, text, rows }) => `## ${title}\n\n${text}\n\n${renderTable(rows)}\n`);
  return `# Soak

What the long runs of \`pnpm soak\` have shown of [\`@kv/fs\`](../../packages/fs/README.md); \`pnpm test\` runs a short version of each. This page is written by the run itself.

${machine}. Run ${size}, with the seed ${seed}, \`durability: 'rename'\`.

${parts.join('\n')}`;
}

/** Numbers are for people here: a column that a failed run lacks stays empty. */
function renderTable(rows: readonly Figures[]): string {
  if (rows.length === 0) return 'Not run: it needs strace.';
  const columns = [
    ...new Set(rows.toSorted((a, b) => Object.keys(b).length - Object.keys(a).length).flatMap(Object.keys)),
  ];
  const lines = rows.map((row) => columns.map((column) => format(row[column])));
  const all = [columns, columns.map((_, index) => (index === 0 ? '---' : '--:')), ...lines];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function format(value: string | number | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '');
}
