// Runs every test of the workspace and ends with one line: the sum over all packages.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';

const results = '{packages,apps}/*/.test-results/*.json';
for (const file of globSync(results)) rmSync(file);

// As many packages at a time as there are cores: tests of processes and times do not bear more.
const turbo = spawnSync('turbo', ['run', 'test', '--continue', '--concurrency=100%', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
});

const reports = globSync(results).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (field) => reports.reduce((total, report) => total + report[field], 0);
const passed = sum('numPassedTests');
const failed = sum('numFailedTests');
console.log(`${passed} passed, ${failed} failed`);
process.exit(turbo.status !== 0 || failed > 0 || passed === 0 ? 1 : 0);
