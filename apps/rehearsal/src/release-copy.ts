import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, succeed } from '@kv/tooling/run-shell';
import type { LocalRegistry } from './local-registry.ts';

/** A version of a package that was published. */
export interface Release {
  readonly name: string;
  readonly version: string;
}

const IDENTITY = '-c user.name=rehearsal -c user.email=rehearsal@localhost';

/** A clone of this repository's last commit, in which releases can be made without harm. */
export class ReleaseCopy {
  readonly dir: string;
  readonly #pnpm: string;

  private constructor(dir: string) {
    const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    this.dir = dir;
    this.#pnpm = `npx -y ${packageManager}`;
  }

  /** Clones a repository and installs what its scripts need. */
  static async make(dir: string, from: string = ROOT): Promise<ReleaseCopy> {
    await succeed(`git clone --quiet --depth 1 "${pathToFileURL(from).href}" "${dir}"`, from);
    const copy = new ReleaseCopy(dir);
    await succeed(`${copy.#pnpm} install --frozen-lockfile --prefer-offline`, dir);
    return copy;
  }

  /** Writes a changeset about one package. */
  addChangeset(name: string, bump: 'minor' | 'patch'): void {
    writeFileSync(join(this.dir, '.changeset/rehearsal.md'), `---\n'${name}': ${bump}\n---\n\nRehearse.\n`);
  }

  /**
   * Turns changesets into versions and changelogs, and commits them: what the job `version` does and a maintainer merges.
   * Tells which packages have another version now.
   */
  async version(): Promise<readonly string[]> {
    const before = this.#versions();
    await succeed(`${this.#pnpm} version-packages`, this.dir);
    await succeed(`git add --all && git ${IDENTITY} commit --quiet --message "Version packages"`, this.dir);
    return [...this.#versions()].flatMap(([name, version]) => (version === before.get(name) ? [] : [name]));
  }

  /** Builds the packages and publishes them: what the jobs `pack` and `publish` do. */
  async buildAndPublish(registry: LocalRegistry): Promise<readonly Release[]> {
    await succeed(`${this.#pnpm} build`, this.dir);
    return this.publish(registry);
  }

  /** Publishes what the registry does not have, without the provenance, which needs the identity of a workflow on GitHub. */
  async publish(registry: LocalRegistry): Promise<readonly Release[]> {
    const env = { ...registry.env, NPM_CONFIG_PROVENANCE: 'false' };
    const output = await succeed(`${this.#pnpm} changeset publish`, this.dir, env);
    const [, published = ''] = output.split('Successfully published:');
    return [...published.matchAll(/(@kv\/[\w-]+)@([\d.]+)/g)].map(([, name = '', version = '']) => ({ name, version }));
  }

  #versions(): Map<string, string> {
    const files = globSync('{apps,examples,packages}/*/package.json', { cwd: this.dir });
    const manifests = files.map((file) => JSON.parse(readFileSync(join(this.dir, file), 'utf8')));
    return new Map(manifests.map(({ name, version }) => [name, version]));
  }
}
