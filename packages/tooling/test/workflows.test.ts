import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../src/run-shell.ts';

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

const files = globSync('.github/workflows/*.yml', { cwd: ROOT });
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const jobsOf = (file: string): [string, Job][] => Object.entries((parse(read(file)) as Workflow).jobs);

it.each(files)('%s is a workflow, by the parser of GitHub', async (name) => {
  const { context, value } = parseWorkflow({ name, content: read(name) }, new NoOperationTraceWriter());
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  const template = await convertWorkflowTemplate(context, value!);
  expect(template.errors ?? []).toEqual([]);
  expect(template.jobs.length).toBeGreaterThan(0);
});

it.each(files)('%s uses actions by their commits, with the version beside it', (file) => {
  const uses = [...read(file).matchAll(/uses: (.+)/g)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  expect(new Set(uses.map((action) => action?.split('@')[1])).size).toBeLessThanOrEqual(3);
});

it.each(files)('%s gives each job the rights that it needs, and none to the workflow', (file) => {
  expect((parse(read(file)) as Workflow).permissions).toEqual({});
  for (const [, { permissions, steps }] of jobsOf(file)) {
    expect(permissions['contents']).toMatch(/^(read|write)$/);
    const [checkout] = steps;
    expect(checkout).toMatchObject({ with: { 'persist-credentials': false } });
  }
});

it('lets one job alone publish, and that one builds nothing', () => {
  const publishers = files.flatMap((file) => jobsOf(file).filter(([, job]) => job.permissions['id-token'] === 'write'));
  expect(publishers.map(([name]) => name)).toEqual(['publish']);
  const commands = publishers[0]?.[1].steps.flatMap(({ run }) => run ?? []);
  expect(commands).toEqual([
    expect.stringMatching(/^npm install --global pnpm@/),
    'pnpm install --frozen-lockfile --ignore-scripts',
  ]);
});

it('names the package manager that package.json names', () => {
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string };
  const named = [...files, '.ci/run'].flatMap((file) => [...read(file).matchAll(/pnpm@[\d.]+/g)].flat());
  expect(new Set(named)).toEqual(new Set([packageManager]));
});
