// Installs the versions of Apify's SDK for Python that the tests use, each into a virtual environment of its own:
// `packages/fs/.python/apify-{version}`. What cannot be installed is left out, and its tests are skipped.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const parent = join(import.meta.dirname, '..', '..', '..', '.python');
const python = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
const MAX_MILLIS = 180_000;

for (const requirements of globSync(join(import.meta.dirname, 'apify-*.txt')).toSorted()) {
  const name = basename(requirements, '.txt');
  const target = join(parent, name);
  if (existsSync(target)) continue;
  const unfinished = `${target}.tmp`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', unfinished], { stdio: 'inherit', timeout: MAX_MILLIS });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    execFileSync(join(unfinished, python), install, { stdio: 'inherit', timeout: MAX_MILLIS });
    renameSync(unfinished, target);
    console.log(`Installed ${name}.`);
  } catch (error) {
    console.warn(`Without ${name}: ${error.message}`);
  }
}
