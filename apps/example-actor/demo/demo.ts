import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import prettyBytes from 'pretty-bytes';
import type { Summary } from '../src/summary.ts';
import { type DemoArguments, readArguments, USAGE } from './demo-arguments.ts';
import { findSitePort, prepareInput } from './demo-input.ts';

/** What would take the actor elsewhere: the demo shows the directory, whatever the shell is set up for. */
const ELSEWHERE = /^(KV_BACKEND|APIFY_TOKEN|APIFY_IS_AT_HOME|\w+_(DEFAULT_KEY_VALUE_STORE_ID|INPUT_KEY))$/;

try {
  const demo = readArguments(process.argv.slice(2));
  if (demo.help) console.log(USAGE);
  else process.exitCode = await runDemo(demo);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function runDemo(demo: DemoArguments): Promise<number> {
  const { KV_STORAGE_DIR, APIFY_LOCAL_STORAGE_DIR, CRAWLEE_STORAGE_DIR } = process.env;
  const storageDir = KV_STORAGE_DIR || APIFY_LOCAL_STORAGE_DIR || CRAWLEE_STORAGE_DIR || 'storage';
  const storeDir = resolve(storageDir, 'key_value_stores', 'default');
  const port = findSitePort(prepareInput(resolve(storeDir, 'INPUT.json'), demo));
  if (port !== undefined) console.log(`The bundled site is at http://127.0.0.1:${port}/ while the demo runs.`);
  const actor = startActor(port);
  passOnSignals(actor);
  const [exitCode, signal] = (await once(actor, 'close')) as [number | null, NodeJS.Signals | null];
  if (exitCode === 0) printSummary(storeDir);
  else console.error(`The actor ended with ${signal ?? `exit code ${exitCode}`}.`);
  return exitCode ?? 128 + (signal ? constants.signals[signal] : 0);
}

function startActor(sitePort: number | undefined): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ELSEWHERE.test(name)));
  const main = resolve(import.meta.dirname, '../src/main.ts');
  return spawn(process.execPath, ['--import', new URL('companion.ts', import.meta.url).href, main], {
    // The channel tells the companion when this process is no more.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...env, DEMO_SITE_PORT: sitePort === undefined ? '' : String(sitePort) },
  });
}

/** The actor saves its state and ends; the demo waits for that. */
function passOnSignals(actor: ChildProcess): void {
  process.once('SIGTERM', () => actor.kill('SIGTERM'));
  // A terminal sends Ctrl-C to the actor too; a second one would end it before it has saved anything.
  process.once('SIGINT', () => setTimeout(() => actor.kill('SIGINT'), 1000).unref());
}

function printSummary(storeDir: string): void {
  const output = resolve(storeDir, 'OUTPUT.json');
  const { pages, assets, bytes, redirects, brokenLinks, slowestPages } = JSON.parse(
    readFileSync(output, 'utf8'),
  ) as Summary;
  console.table({
    Pages: pages,
    Assets: assets,
    Stored: prettyBytes(bytes),
    Redirects: redirects,
    'Broken links': brokenLinks.length,
    'Slowest page': slowestPages[0] && `${slowestPages[0].url} (${slowestPages[0].timeMillis} ms)`,
  });
  console.log(`OUTPUT: ${output}\nREPORT: ${pathToFileURL(resolve(storeDir, 'REPORT.html')).href}`);
}
