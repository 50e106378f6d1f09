import { UsageError } from './usage-error.js';

const UNIT_MILLIS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads how long something lasts: `30d`, `12h`, `45m`.
 *
 * @throws UsageError
 */
export function parseExpiry(text: string, now: number = Date.now()): Date {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const millis = Number(count) * (UNIT_MILLIS[unit] ?? 0);
  if (millis > 0) return new Date(now + millis);
  throw new UsageError(`--expires must be a time such as 30d, 12h or 45m, not ${JSON.stringify(text)}.`);
}
