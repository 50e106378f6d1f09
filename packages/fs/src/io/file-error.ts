import { isKvError, KvError } from '@kv/core';
import type { KvErrorCode } from '@kv/core';

interface Explanation {
  readonly code: KvErrorCode;
  readonly problem: string;
  readonly remedy: string;
}

const FULL: Explanation = {
  code: 'KV_STORAGE_FULL',
  problem: 'the disk is full',
  remedy: 'Free some space and try again; what was stored before is unharmed',
};
const DENIED: Explanation = {
  code: 'KV_ACCESS_DENIED',
  problem: 'the operating system denies access',
  remedy: 'Give this user the right to read and write there, or choose another directory',
};
const NOT_A_DIRECTORY: Explanation = {
  code: 'KV_STORAGE_CORRUPT',
  problem: 'a file stands where a directory should be',
  remedy: 'Move that file away, or choose another directory',
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: { ...FULL, problem: 'the file is larger than the system allows' },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { ...DENIED, problem: 'the file system is read-only' },
  ENOTDIR: NOT_A_DIRECTORY,
  EEXIST: NOT_A_DIRECTORY,
  EISDIR: {
    ...NOT_A_DIRECTORY,
    problem: 'a directory stands where a file should be',
    remedy: 'Move that directory away',
  },
  EMFILE: {
    code: 'KV_BACKEND_FAILED',
    problem: 'the process has too many files open',
    remedy: 'Do less at once, or raise the limit (ulimit -n)',
  },
};

/** Tells whether an error comes from a system call, optionally with one of the given codes. */
export function isFileError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  // Not with `instanceof`: in a realm of its own, such as jest's, the errors of the system are of another class.
  if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/** Turns a failed system call into a {@link KvError} that says what to do; gives every other error back as it is. */
export function toKvError(error: unknown, place: string): unknown {
  if (isKvError(error) || !isFileError(error)) return error;
  const errno = String(error.code);
  const path = (errno === 'EISDIR' ? targetOf(error) : undefined) ?? error.path ?? place;
  const { code, problem, remedy } = EXPLANATIONS[errno] ?? {
    code: 'KV_BACKEND_FAILED',
    problem: `the system call ${error.syscall} failed`,
    remedy: 'The cause tells more',
  };
  return new KvError(code, `Cannot work in ${path}: ${problem} (${errno}). ${remedy}.`, {
    details: { path, errno },
    cause: error,
  });
}

/** Where a rename or a link was to lead. */
function targetOf(error: NodeJS.ErrnoException): string | undefined {
  return 'dest' in error && typeof error.dest === 'string' ? error.dest : undefined;
}
