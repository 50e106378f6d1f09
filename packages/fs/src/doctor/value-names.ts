/** Matches names that only a sidecar gives a meaning: second choices, and keys too long for a name. */
export const orphanPattern: RegExp = /(~\d+|\+[0-9a-f]{40})\.\w+$/;

/** Tells whether a file has a name that a value under this stem may have. */
export function isValueNameOf(fileName: string, stem: string): boolean {
  return fileName.startsWith(stem) && /^(~\d+)?(\.\w+)?$/.test(fileName.slice(stem.length));
}
