import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndServe } from '@kv/tooling/pack-and-serve';
import { succeed } from '@kv/tooling/run-shell';
import { loadedFiles, timeFirstValue } from './first-value.ts';
import { installedWeight } from './installed-weight.ts';
import { Results } from './measure.ts';
import { weighIn, writeWeightPage } from './weight-page.ts';
import type { Weight } from './weight-page.ts';
import { INPUT, WEIGHT_SUBJECTS } from './weight-subjects.ts';
import type { WeightSubject } from './weight-subjects.ts';

/** How often each program starts; all of them in each round, so that the drift of a shared machine meets them alike. */
const RUNS = Number(process.env['BENCH_STARTS'] ?? 25);

/** Measures what an installation weighs, and how soon a program has its INPUT. Writes results/weight.md and the README's table. */
export async function benchWeight(): Promise<void> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kv-bench-')));
  try {
    await using served = await packAndServe(['core', 'fs', 'sdk'], join(root, 'tarballs'));
    const weights: Weight[] = [];
    for (const [index, subject] of WEIGHT_SUBJECTS.entries()) {
      weights.push(await install(subject, join(root, String(index)), served.env));
      console.log(`${subject.name} is installed`);
    }
    const results = new Results();
    for (let run = 0; run < RUNS; run += 1) {
      for (const { name, dir } of weights) {
        const [, millis] = await timeFirstValue(dir);
        results.add(name, '', { millis });
      }
    }
    const targets = weighIn(weights, results);
    console.log(writeWeightPage(weights, results, targets, RUNS));
    if (!targets.every(({ isMet }) => isMet)) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Installs a subject in an empty folder, puts the INPUT there, and makes sure that its program reads it. */
async function install(
  { name, packages, program }: WeightSubject,
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<Weight> {
  const store = join(dir, 'storage/key_value_stores/default');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(store, 'INPUT.json'), JSON.stringify(INPUT));
  writeFileSync(join(dir, 'package.json'), '{ "private": true }');
  writeFileSync(join(dir, 'main.mjs'), `${PRINT}${program}`);
  const names = packages.map((spec) => `"${spec}"`).join(' ');
  if (names !== '') await succeed(`npm install --no-audit --no-fund ${names}`, dir, env);
  await timeFirstValue(dir, ['main.mjs', 'prepare']);
  const [written] = await timeFirstValue(dir);
  if (written !== JSON.stringify(INPUT)) throw new Error(`${name} has not read its INPUT: it wrote ${written}`);
  const installed = names === '' ? { packages: [], kilobytes: 0 } : installedWeight(dir);
  return { name, dir, ...installed, loaded: await loadedFiles(dir) };
}

// Not to standard output, where peers write log lines, and without an import, which would load what the program may not need.
const PRINT = `const { writeSync } = process.getBuiltinModule('node:fs');
function print(value) {
  writeSync(3, JSON.stringify(value));
  process.exit();
}
`;
