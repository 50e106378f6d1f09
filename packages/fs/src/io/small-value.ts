/**
 * Values up to this size are read and written by synchronous calls: they take some 50 µs, less than handing them to a
 * thread and back. Larger ones never block the event loop.
 */
export const SMALL_VALUE_BYTES: number = 64 * 1024;
