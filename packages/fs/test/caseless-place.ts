import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A directory that takes `a` and `A` for one name, or, for the title of what is skipped, why there is none. */
export type CaselessPlace =
  | { readonly dir: string; readonly reason?: undefined; readonly remove: () => void }
  | { readonly dir?: undefined; readonly reason: string; readonly remove?: undefined };

const IMAGE_BYTES = 1024 ** 3;

/** Gives the directory of temp files where that ignores case, as on macOS and Windows; elsewhere a new exFAT file system. */
export function caselessPlace(): CaselessPlace {
  const dir = mkdtempSync(join(tmpdir(), 'kv-caseless-'));
  if (existsSync(join(dirname(dir), basename(dir).toUpperCase()))) {
    return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
  }
  const image = `${dir}.image`;
  try {
    mountExfat(image, dir);
    const remove = (): void => {
      run('umount', '-l', dir);
      for (const path of [dir, image]) rmSync(path, { recursive: true });
    };
    return { dir, remove };
  } catch {
    for (const path of [dir, image]) rmSync(path, { recursive: true, force: true });
    return { reason: ' (needs macOS, Windows, or root on Linux with exfatprogs and exfat-fuse)' };
  }
}

function mountExfat(image: string, dir: string): void {
  writeFileSync(image, '');
  // It takes the space of what is in it.
  truncateSync(image, IMAGE_BYTES);
  run('mkfs.exfat', image);
  const device = run('losetup', '--find', '--show', image);
  try {
    run('mount.exfat-fuse', device, dir);
  } finally {
    // While it is mounted, this takes effect at the end only.
    run('losetup', '--detach', device);
  }
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
