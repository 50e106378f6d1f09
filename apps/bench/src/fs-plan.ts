/** How many records are written, read and deleted. */
export const RECORDS: number = Number(process.env['BENCH_RECORDS'] ?? 2000);
// It syncs each write, so that 2,000 would take a minute.
const MAX_SYNCED_RECORDS = 200;
/** How many records are written, read and deleted with a subject. */
export function recordsOf(subject: string): number {
  return subject === '@keyv/sqlite' ? Math.min(RECORDS, MAX_SYNCED_RECORDS) : RECORDS;
}

/** The size of the streams. */
export const STREAM_BYTES: number = Number(process.env['BENCH_BYTES'] ?? 256 * 1024 ** 2);
/** How many keys are listed. */
export const LIST_SIZES: readonly number[] = [1000, 10_000, 100_000, 1_000_000];
/** The size of the store that is opened, beside an empty one. */
export const OPEN_SIZE = 150_000;

const MAX_KEYS = Number(process.env['BENCH_KEYS'] ?? Number.POSITIVE_INFINITY);
// What takes minutes beyond: a listing that is quadratic, as many files, or as many syncs.
const LIST_LIMITS: Readonly<Record<string, number>> = {
  '@kv/fs': 1_000_000,
  'raw sync': 1_000_000,
  '@crawlee/memory-storage': 10_000,
  '@keyv/sqlite': 1000,
  'node-persist': 10_000,
};
/** Whether a subject's listing of so many keys is measured. */
export function isListed(subject: string, count: number): boolean {
  return count <= Math.min(MAX_KEYS, LIST_LIMITS[subject] ?? 100_000);
}
