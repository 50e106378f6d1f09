import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startRegistry } from './local-registry.ts';
import { ReleaseCopy } from './release-copy.ts';
import type { Release } from './release-copy.ts';

/** What the steps know of the release that is rehearsed. */
export interface Rehearsal {
  /** A folder for everything that is made; it is removed at the end. */
  readonly dir: string;
  /** The clone in which the packages were versioned and built. */
  readonly copyDir: string;
  /** Where the registry keeps its packages. */
  readonly registryDir: string;
  /** What npm runs with to install from the registry. */
  readonly env: Readonly<Record<string, string>>;
  /** What was published. */
  readonly releases: readonly Release[];
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly rehearsal: Rehearsal;
  }
}

/** Versions and publishes every package, before the steps. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'kv-rehearsal-')));
  const registryDir = join(dir, 'registry');
  mkdirSync(registryDir);
  const registry = await startRegistry(registryDir);
  const cleanUp = async (): Promise<void> => {
    await registry[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const copyDir = join(dir, 'repository');
    const copy = await timed('clones and installs the repository', () => ReleaseCopy.make(copyDir));
    await timed('versions the packages', () => copy.version());
    const releases = await timed('builds and publishes them', () => copy.buildAndPublish(registry));
    provide('rehearsal', { dir, copyDir, registryDir, env: registry.env, releases });
  } catch (error) {
    await cleanUp();
    throw error;
  }
  return cleanUp;
}

async function timed<T>(step: string, action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await action();
  console.log(` ✓ ${step} ${Math.round(performance.now() - start)}ms`);
  return result;
}
