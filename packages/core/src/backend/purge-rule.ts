import { assertRecordKey } from '../keys/record-key.js';

/** The key that survives every purge. */
const INPUT_KEY = 'INPUT';

/**
 * Makes the rule by which a purge keeps records: `INPUT` and the given keys, each with any extension and in any case, because
 * `INPUT.xml` and `input` are input to someone. For authors of backends.
 *
 * @throws `TypeError` or {@link KvError} `KV_KEY_INVALID` when one of them is no key.
 */
export function purgeRule(keepKeys: readonly string[] = []): (key: string) => boolean {
  for (const key of keepKeys) assertRecordKey(key);
  const kept = [INPUT_KEY, ...keepKeys].map((key) => key.toLowerCase());
  return (key) => kept.some((keep) => key.toLowerCase() === keep || key.toLowerCase().startsWith(`${keep}.`));
}
