import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createBackend } from '@kv/fs';
import { JSON_TYPE } from '../content-types.ts';
import type { CrashOperation } from '../crash/crash-operation.ts';
import { observeWorld } from '../crash/observe-world.ts';
import { runOperation } from '../crash/run-operation.ts';
import { applyToWorld, findProblems } from '../crash/world.ts';
import type { World } from '../crash/world.ts';
import { addFindings, leftFindings, NO_FINDINGS } from '../left-findings.ts';
import type { FindingCounts } from '../left-findings.ts';
import { inTempDir } from '../temp-dir.ts';
import type { StopScenario } from './stop-scenarios.ts';

/** The system calls that change directories, in all their spellings. */
const CALLS = ['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'];
const MAX_STEPS = 100;

/** What the stops of one operation have shown. */
export interface StopFigures {
  readonly steps: number;
  /** What the doctor has found after them, before anything else came by. */
  readonly findings: FindingCounts;
}

/** Whether processes can be stopped at a system call here. */
export function canStop(): boolean {
  return spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
}

/**
 * Kills a process before each system call with which an operation changes a directory, one after the other, and looks at
 * what is left; gives the number of steps, and what the doctor has found after them.
 *
 * @throws Error with the first thing that is not as it must be.
 */
export async function stopAtSteps({ before, operation }: StopScenario): Promise<StopFigures> {
  return inTempDir(async (dir) => {
    const origin = join(dir, 'origin');
    mkdirSync(origin);
    await prepare(origin, before);
    const start = await observeWorld(origin);
    let steps = 0;
    let findings = NO_FINDINGS;
    // strace counts each kind of call by itself.
    for (const call of CALLS) {
      for (let nth = 1; ; nth += 1) {
        const found = await stopAt({ dir, start, operation, call, nth });
        if (!found) break;
        steps += 1;
        findings = addFindings(findings, found);
      }
    }
    return { steps, findings };
  });
}

interface Stop {
  readonly dir: string;
  readonly start: World;
  readonly operation: CrashOperation;
  readonly call: string;
  readonly nth: number;
}

/** Runs the operation up to one system call and judges what is left; `undefined` when it came to its end before. */
async function stopAt({ dir, start, operation, call, nth }: Stop): Promise<FindingCounts | undefined> {
  if (nth > MAX_STEPS) throw new Error(`the operation calls ${call} more than ${MAX_STEPS} times`);
  const copy = join(dir, `${call}-${nth}`);
  cpSync(join(dir, 'origin'), copy, { recursive: true });
  const isDone = await runUntil(call, nth, copy, operation);
  const findings = await judge(copy, start, operation, isDone).catch((cause: unknown) => {
    throw new Error(`after a stop at ${call} ${nth}, in ${copy}: ${String(cause)}`, { cause });
  });
  rmSync(copy, { recursive: true });
  return isDone ? undefined : findings;
}

async function prepare(dir: string, operations: readonly CrashOperation[]): Promise<void> {
  await using backend = createBackend({ dir });
  for (const operation of operations) await runOperation(backend, operation);
}

/** Runs an operation in a process that is killed at the nth call of a kind; `true` when it came to its end. */
async function runUntil(call: string, nth: number, dir: string, operation: CrashOperation): Promise<boolean> {
  // A system may lack a spelling, which `?` allows.
  const options = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=?${call}`];
  const inject = ['-e', `inject=?${call}:signal=SIGKILL:when=${nth}`];
  const child = [process.execPath, join(import.meta.dirname, 'stop-child.ts'), dir, JSON.stringify(operation)];
  const strace = spawn('strace', [...options, ...inject, ...child], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [complaint, [code, signal]] = await Promise.all([text(strace.stderr), once(strace, 'exit')]);
  if (code === 0) return true;
  if (signal === 'SIGKILL' || code === 137) return false;
  throw new Error(`the operation ended with ${code ?? signal}: ${complaint}`);
}

async function judge(dir: string, start: World, operation: CrashOperation, isDone: boolean): Promise<FindingCounts> {
  const findings = await leftFindings(dir);
  const after = applyToWorld(start, operation);
  const found = await observeWorld(dir);
  const problems = findProblems(isDone ? after : start, after, found);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  await workOn(dir, found);
  return findings;
}

/** Whatever was left behind, every record can be written and deleted, and nothing comes to light by it. */
async function workOn(dir: string, found: World): Promise<void> {
  await using backend = createBackend({ dir });
  let world = found;
  for (const [store, { records }] of found) {
    for (const key of new Set([...records.keys(), 'photo', 'json'])) {
      const stamp = { id: 'next', contentType: key === 'json' ? JSON_TYPE : 'text/csv', size: 300 };
      for (const operation of [{ type: 'set', store, key, stamp } as const, { type: 'delete', store, key } as const]) {
        await runOperation(backend, operation);
        world = applyToWorld(world, operation);
        const problems = findProblems(world, world, await observeWorld(dir));
        if (problems.length > 0) throw new Error(`then, after ${operation.type} of ${key}: ${problems.join('\n')}`);
      }
    }
  }
}
