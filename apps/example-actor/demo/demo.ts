import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Actor } from '@kv/sdk';
import prettyBytes from 'pretty-bytes';
import type { Summary } from '../src/summary.ts';
import { readArguments, USAGE } from './demo-arguments.ts';
import { findSitePort, prepareInput } from './demo-input.ts';
import { serveSite } from './site/serve-site.ts';

/** What would take the actor elsewhere: the demo shows the directory, whatever the shell is set up for. */
const ELSEWHERE = /^(KV_BACKEND|APIFY_TOKEN|APIFY_IS_AT_HOME|\w+_(DEFAULT_KEY_VALUE_STORE_ID|INPUT_KEY))$/;

for (const name of Object.keys(process.env)) if (ELSEWHERE.test(name)) delete process.env[name];
const storeDir = resolve(Actor.config.get('storageDir') ?? 'storage', 'key_value_stores/default');

try {
  const demo = readArguments(process.argv.slice(2));
  if (demo.help) {
    console.log(USAGE);
  } else {
    const port = findSitePort(prepareInput(resolve(storeDir, 'INPUT.json'), demo));
    if (port !== undefined) await startSite(port);
    Actor.on('exit', ({ exitCode }) => exitCode === 0 && printSummary());
    // Site and actor share the process, so that a kill hits both at the same instant: an actor that outlived its site
    // for a moment would archive pages as broken.
    await import('../src/main.ts');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function startSite(port: number): Promise<void> {
  const server = await serveSite({ port, accessLog: process.env['DEMO_ACCESS_LOG'] });
  // The site is no reason to stay when the actor is done.
  server.unref();
  console.log(`The bundled site is at http://127.0.0.1:${port}/ while the demo runs.`);
}

function printSummary(): void {
  const output = resolve(storeDir, 'OUTPUT.json');
  const summary = JSON.parse(readFileSync(output, 'utf8')) as Summary;
  const [slowest] = summary.slowestPages;
  console.table({
    Pages: summary.pages,
    Assets: summary.assets,
    Stored: prettyBytes(summary.bytes),
    Redirects: summary.redirects,
    'Broken links': summary.brokenLinks.length,
    'Slowest page': slowest && `${slowest.url} (${slowest.timeMillis} ms)`,
  });
  console.log(`OUTPUT: ${output}\nREPORT: ${pathToFileURL(resolve(storeDir, 'REPORT.html')).href}`);
}
