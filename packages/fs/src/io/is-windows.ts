/** Tells whether this is Windows: the one place that decides it, each time anew, so that a test can tell otherwise. */
export function isWindows(): boolean {
  return process.platform === 'win32';
}
