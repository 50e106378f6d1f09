import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { get, openStore, put, tempDir } from './helpers.js';
import { hasPython, runPython } from './interop/python.js';
import { runKv } from './interop/kv.js';
import { FEATURES, set } from './interop/features.js';
import { cellsOf, interopPage, readRows } from './interop/interop-page.js';
import type { Cells } from './interop/interop-page.js';
import { problemsOf, rowsOf, tryRow } from './interop/matrix.js';
import { TOOLS } from './interop/tools.js';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'interop.md');
const NOTES = [...new Set(TOOLS.flatMap(({ limits = {} }) => Object.values(limits)))];

describe('the matrix', () => {
  const rows: Cells[] = [];

  for (const tool of TOOLS) {
    for (const row of rowsOf(tool)) {
      const reason = tool.missing === undefined ? '' : ` (skipped: ${tool.missing})`;
      it.skipIf(tool.missing)(`${row.writer} -> ${row.reader}${reason}`, { timeout: 180_000 }, async () => {
        const dir = tempDir();
        const problems = await tryRow(row, dir);
        // What the tool itself forgets is missing wherever it has written last, and only there.
        const limits = row.writers.at(-1) === tool.run ? tool.limits : {};
        for (const [index, { title }] of FEATURES.entries()) {
          expect({ title, problem: problems[index] }).toEqual({
            title,
            problem: limits?.[title] && expect.any(String),
          });
        }
        rows.push(cellsOf(row, problems, NOTES));
        const { findings } = await doctor({ dir });
        expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      });
    }
  }

  it('is what the page says', async () => {
    if (TOOLS.every(({ missing }) => missing === undefined)) {
      await expect(interopPage(rows, NOTES)).toMatchFileSnapshot(PAGE);
    } else {
      expect(readRows(readFileSync(PAGE, 'utf8'))).toEqual(expect.arrayContaining(rows));
    }
  });
});

/** Set to write the fixtures anew, with the tools that are here. */
const { KV_WRITE_FIXTURES } = process.env;

describe.each(TOOLS)('the store of $name that is kept in $fixture', ({ fixture, run, missing, limits = {} }) => {
  const dir = join(import.meta.dirname, 'fixtures', 'stores', fixture);

  const isWanted = KV_WRITE_FIXTURES !== undefined && missing === undefined;
  it.runIf(isWanted)('is written anew, with KV_WRITE_FIXTURES', { timeout: 60_000 }, async () => {
    rmSync(dir, { recursive: true, force: true });
    const operations = FEATURES.flatMap((feature) => feature.operations);
    expect(await run(dir, operations)).toHaveLength(operations.length);
  });

  it('is read by kv, every record under its key and type', async () => {
    const copy = tempDir();
    cpSync(dir, copy, { recursive: true });
    const problems = await problemsOf(runKv(), copy);
    for (const [index, { title }] of FEATURES.entries()) {
      // Crawlee 3 leaves the file of the type before; the times that tell them apart are not kept with the fixtures.
      if (title === 'another type' && fixture.startsWith('crawlee-3')) continue;
      expect({ title, problem: problems[index] }).toEqual({ title, problem: limits[title] && expect.any(String) });
    }
  });
});

const PYTHON = '4.1.0';
const pythonReason = hasPython(PYTHON) ? '' : ` (skipped: apify ${PYTHON} for Python is not there, run install:python)`;

describe.skipIf(!hasPython(PYTHON))(`Apify SDK 4 for Python${pythonReason}`, () => {
  const run = runPython(PYTHON, { store: 'default' });

  it('goes on opening a store whose input kv has replaced', { timeout: 60_000 }, async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'key_value_stores', 'default'), { recursive: true });
    writeFileSync(join(dir, 'key_value_stores', 'default', 'INPUT.json'), '{"by":"hand"}');
    expect(await run(dir, [{ name: 'get', key: 'INPUT' }])).toMatchObject([{ json: { by: 'hand' } }]);
    for (const by of ['kv', 'kv again']) {
      const store = await createBackend({ dir }).openKeyValueStore({});
      await put(store, 'INPUT', JSON.stringify({ by }));
      expect(await run(dir, [{ name: 'get', key: 'INPUT' }])).toMatchObject([{ json: { by } }]);
      await run(dir, [set('INPUT', { json: { by: 'python' }, contentType: 'application/json' })]);
      expect(await get(store, 'INPUT')).toEqual(['{\n  "by": "python"\n}', 'application/json']);
    }
  });

  it('lists what it has no name for', { timeout: 60_000 }, async () => {
    const { dir, store } = await openStore({ layout: 'crawlee' });
    const keys = ['__metadata__.json', 'x', 'x.__metadata__.json', 'y'.repeat(237), 'y'.repeat(238), '('.repeat(256)];
    for (const key of keys) await put(store, key, '1');
    const [listed, ...values] = await run(dir, [
      { name: 'list' },
      ...['x', 'y'.repeat(237)].map((key) => ({ name: 'get', key }) as const),
    ]);
    expect((listed as string[]).toSorted()).toEqual(keys.toSorted());
    expect(values).toMatchObject([{ json: 1 }, { json: 1 }]);
  });
});
