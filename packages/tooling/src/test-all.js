// Runs every test of the workspace and ends with one line: the sum over all packages.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';

const results = '{packages,apps}/*/.test-results/*.json';
// The examples run under node:test, as other people's packages do; their counts are in turbo's logs.
const logs = 'examples/*/.turbo/turbo-test.log';
for (const file of globSync([results, logs])) rmSync(file);

// Flags are turbo's. Other tasks, such as `rehearse`, run after the tests and count as they do.
const { true: flags = [], false: tasks = [] } = Object.groupBy(process.argv.slice(2), (word) => word.startsWith('-'));
// As many packages at a time as there are cores: tests of processes and times do not bear more.
const runs = ['test', ...tasks].map((task) =>
  spawnSync('turbo', ['run', task, '--continue', '--concurrency=100%', ...flags], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  }),
);

const reports = globSync(results).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const output = globSync(logs)
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');
/** Adds up what vitest reports in a field and what node:test prints after a word. */
function sum(field, word) {
  const printed = [...output.matchAll(new RegExp(`[ℹ#] ${word} (\\d+)`, 'gu'))].map(([, count]) => Number(count));
  return [...reports.map((report) => report[field]), ...printed].reduce((total, count) => total + count, 0);
}

// What has failed is said once more here, where a log that is cut off at its beginning still has it.
for (const { name, message, assertionResults } of reports.flatMap(({ testResults }) => testResults)) {
  if (message) console.log(`FAILED ${name}\n${message}`);
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status === 'failed') console.log(`FAILED ${name} > ${fullName}\n${failureMessages.join('\n')}`);
  }
}

const passed = sum('numPassedTests', 'pass');
const failed = sum('numFailedTests', 'fail');
console.log(`${passed} passed, ${failed} failed`);
const isGreen = runs.every(({ status }) => status === 0) && failed === 0 && passed > 0;
process.exit(isGreen ? 0 : 1);
