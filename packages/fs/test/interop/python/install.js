// Installs the versions of Apify's SDK for Python that the tests use, each into a virtual environment of its own:
// `packages/fs/.python/apify-{version}`. What cannot be installed is left out, and its tests are skipped.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = {
  '1.7.2': ['apify==1.7.2'],
  // Crawlee 0.6 does not bear later versions of pydantic.
  '2.7.3': ['apify==2.7.3', 'pydantic==2.11.10'],
  '3.4.1': ['apify==3.4.1'],
  '4.1.0': ['apify==4.1.0'],
};

const parent = join(import.meta.dirname, '..', '..', '..', '.python');
const python = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');

for (const [version, packages] of Object.entries(PACKAGES)) {
  const target = join(parent, `apify-${version}`);
  if (existsSync(target)) continue;
  const unfinished = `${target}.tmp`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', unfinished], { stdio: 'inherit' });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    execFileSync(join(unfinished, python), install, { stdio: 'inherit', timeout: 300_000 });
    renameSync(unfinished, target);
    console.log(`Installed ${packages.join(' and ')}.`);
  } catch (error) {
    console.warn(`Without ${packages.join(' and ')}: ${error.message}`);
  }
}
