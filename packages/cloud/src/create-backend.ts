import type { StorageBackend } from '@kv/core';
import type { CloudBackendOptions } from './cloud-backend-options.js';
import { CloudStorageBackend } from './cloud-storage-backend.js';
import { ApiClient } from './http/api-client.js';
import { ApiUrls } from './http/api-urls.js';
import { DEFAULT_STORE } from './store/run-stores.js';
import { NO_CAPABILITIES, readServerCapabilities } from './store/server-capabilities.js';
import { WriteNumbers } from './store/write-numbers.js';

const APIFY_BASE_URL = 'https://api.apify.com';

/**
 * Creates a backend on Apify's storage API, or on any server that speaks it.
 *
 * A server other than Apify's is asked once what it can do. Stores are those of the token's user. The default store is the one
 * with the given id, which must exist. Without an id, it and the stores of aliases are the same for every process of the user.
 *
 * A write of a record that timed out or lost its connection is sent again. On `@kv/server`, an attempt that arrives late does not
 * undo a newer write; on Apify's API, it may.
 *
 * @throws `TypeError` when an option has the wrong type.
 * @throws {@link KvError} `KV_BACKEND_FAILED` when the server cannot be reached.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/cloud';
 *
 * const backend = await createBackend({ token: process.env['APIFY_TOKEN'] });
 * console.log(backend.location); // https://api.apify.com
 * await backend.close();
 * ```
 */
export async function createBackend(options: CloudBackendOptions = {}): Promise<StorageBackend> {
  const { apiBaseUrl = APIFY_BASE_URL, apiPublicBaseUrl = apiBaseUrl, defaultKeyValueStoreId: defaultId } = options;
  const urls = new ApiUrls(apiBaseUrl, 'apiBaseUrl');
  const publicUrls = new ApiUrls(apiPublicBaseUrl, 'apiPublicBaseUrl');
  const client = createClient(urls.base, options);
  const isApify = urls.base === APIFY_BASE_URL;
  const { conditionalWrites, numberedWrites } = isApify ? NO_CAPABILITIES : await readServerCapabilities(client, urls);
  return new CloudStorageBackend({
    client,
    urls,
    publicUrls,
    conditionalWrites,
    writeNumbers: numberedWrites ? new WriteNumbers() : undefined,
    // What the SDK calls the default store when nobody has given it an id.
    defaultId: defaultId === DEFAULT_STORE ? undefined : defaultId,
    scope: publicUrls.base + (options.token ?? ''),
  });
}

function createClient(location: string, options: CloudBackendOptions): ApiClient {
  const { token, tokenSource = 'the option "token"' } = options;
  const { timeoutMillis = 30_000, maxRetries = 8, retryDelayMillis = 500 } = options;
  if (token !== undefined) assertToken(token);
  assertNumber('timeoutMillis', timeoutMillis, 1);
  assertNumber('maxRetries', maxRetries, 0);
  assertNumber('retryDelayMillis', retryDelayMillis, 0);
  return new ApiClient({ location, token, tokenSource, timeoutMillis, maxRetries, retryDelayMillis });
}

/** What is no header would fail every request, in words that show the token. */
function assertToken(token: unknown): void {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return;
  throw new TypeError('The option "token" must be a text of printable ASCII characters without spaces.');
}

function assertNumber(option: string, value: unknown, least: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value < 2 ** 31) return;
  throw new TypeError(`The option "${option}" must be a whole number from ${least}, not ${String(value)}.`);
}
