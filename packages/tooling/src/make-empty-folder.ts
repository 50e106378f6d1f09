import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';

/**
 * Makes a folder, unless it is there and empty already. A repository without a file in it is empty, too.
 *
 * @throws `Error` when something of the user's is in the way, or when the folder cannot be made.
 */
export function makeEmptyFolder(dir: string): void {
  if (existsSync(dir) && !statSync(dir).isDirectory()) {
    throw new Error(`${dir} is a file. Choose another name, or move it away.`);
  }
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The folder ${dir} cannot be made: ${reason}. Choose another place.`, { cause: error });
  }
  const first = readdirSync(dir).find((name) => name !== '.git');
  if (first !== undefined) {
    throw new Error(`The folder ${dir} is not empty: it holds ${first}. Choose another name, or empty it.`);
  }
}
