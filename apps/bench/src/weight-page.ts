import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignedTable, conditions } from './measure.ts';
import type { Results } from './measure.ts';
import { EMPTY, KV } from './weight-subjects.ts';
import { targetsSection } from './targets.ts';
import type { Target } from './targets.ts';

/** What the installation of a subject weighs. */
export interface Weight {
  readonly name: string;
  readonly dir: string;
  readonly packages: readonly string[];
  readonly kilobytes: number;
  /** What its program has loaded. */
  readonly loaded: readonly string[];
}

const PAGE = join(import.meta.dirname, '../results/weight.md');
const README = join(import.meta.dirname, '../../../README.md');
const TABLE = /^\| Install +\|.*\n(?:\|.*\n)+/m;

/** Compares what was measured with what is promised. */
export function weighIn(weights: readonly Weight[], results: Results): readonly Target[] {
  const kv = weights.find(({ name }) => name === KV);
  if (!kv) throw new Error(`${KV} was not measured.`);
  const [millis, empty] = [results.median('millis', KV), results.median('millis', EMPTY)];
  const limit = 1.5 * empty + 30;
  const installedCloud = kv.packages.filter((name) => /cloud|^ky$/.test(name));
  const loadedCloud = kv.loaded.filter((url) => /@kv\/cloud|node_modules\/ky\//.test(url));
  return [
    { promise: 'at most 5 packages', measured: kv.packages.toSorted().join(', '), isMet: kv.packages.length <= 5 },
    { promise: 'at most 500 KB on disk', measured: kilobytes(kv.kilobytes), isMet: kv.kilobytes <= 500 },
    {
      promise: 'the first value of INPUT after at most 1.5 × an empty Node process + 30 ms',
      measured: `${millis.toFixed(0)} ms of ${limit.toFixed(0)} ms`,
      isMet: millis <= limit,
    },
    {
      promise: 'nothing of the cloud installed or loaded',
      measured: [...installedCloud, ...loadedCloud].join(', ') || 'nothing',
      isMet: installedCloud.length + loadedCloud.length === 0,
    },
  ];
}

/** Writes the page, and its table into the README of the repository. */
export function writeWeightPage(
  weights: readonly Weight[],
  results: Results,
  targets: readonly Target[],
  runs: number,
): string {
  const rows = weights.map(({ name, packages, kilobytes: size }) => [
    name,
    name === EMPTY ? '–' : String(packages.length),
    name === EMPTY ? '–' : kilobytes(size),
    `${results.median('millis', name).toFixed(0)} ms`,
  ]);
  const comparison = alignedTable(['Install', 'Packages', 'On disk', 'First value of INPUT'], rows);
  const page = `# Weight

What \`npm install\` puts into an empty folder, everything that it depends on included, and how soon a program has its INPUT from there: from the start of the process to the first byte that it prints, the median of ${runs} starts, all subjects in each round. ${conditions()}.

${comparison}
\`keyv\` has a file of its own, the others read the same \`INPUT.json\`. The packages of this repository are packed as they are published. Absolute times drift on a shared machine; the ratios count.

${targetsSection(targets)}`;
  writeFileSync(PAGE, page);
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(TABLE, () => comparison),
  );
  return page;
}

/** Finds the table of weights in a page; `undefined` when it has none. */
export function weightTable(page: string): string | undefined {
  return TABLE.exec(page)?.[0];
}

function kilobytes(size: number): string {
  return `${Math.round(size).toLocaleString('en')} KB`;
}
