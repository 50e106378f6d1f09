/** What the platform tells an actor about its run, by the names of Apify's SDK; `null` for what is not set. */
export type ActorEnv = Readonly<Record<string, string | number | Date | null>>;

const APIFY_VARIABLES =
  'ACTOR_PRICING_INFO API_BASE_URL API_PUBLIC_BASE_URL CHARGED_ACTOR_EVENT_COUNTS CHROME_EXECUTABLE_PATH DEDICATED_CPUS ' +
  'DISABLE_OUTDATED_WARNING FACT HEADLESS INPUT_SECRETS_PRIVATE_KEY_FILE INPUT_SECRETS_PRIVATE_KEY_PASSPHRASE IS_AT_HOME ' +
  'LOCAL_STORAGE_DIR LOG_FORMAT LOG_LEVEL METAMORPH_AFTER_SLEEP_MILLIS META_ORIGIN PERSIST_STATE_INTERVAL_MILLIS ' +
  'PROXY_HOSTNAME PROXY_PASSWORD PROXY_PORT PROXY_STATUS_URL PURGE_ON_START SDK_LATEST_VERSION SYSTEM_INFO_INTERVAL_MILLIS ' +
  'TOKEN USER_ID USER_IS_PAYING USER_PRICING_TIER WORKFLOW_KEY XVFB ACTOR_BUILD_ID ACTOR_BUILD_NUMBER ACTOR_EVENTS_WS_URL ' +
  'ACTOR_ID ACTOR_RUN_ID ACTOR_TASK_ID CONTAINER_PORT CONTAINER_URL DEFAULT_DATASET_ID DEFAULT_KEY_VALUE_STORE_ID ' +
  'DEFAULT_REQUEST_QUEUE_ID INPUT_KEY MEMORY_MBYTES STARTED_AT TIMEOUT_AT ACT_ID ACT_RUN_ID MCP_PROXY_URL';
const ACTOR_VARIABLES =
  'BUILD_ID BUILD_NUMBER BUILD_TAGS DEFAULT_DATASET_ID DEFAULT_KEY_VALUE_STORE_ID DEFAULT_REQUEST_QUEUE_ID STORAGES_JSON ' +
  'EVENTS_WEBSOCKET_URL FULL_NAME ID INPUT_KEY MAX_PAID_DATASET_ITEMS MAX_TOTAL_CHARGE_USD MCP_CONNECTOR_BASE_URL ' +
  'MEMORY_MBYTES RESTART_ON_ERROR PERMISSION_LEVEL RUN_ID STANDBY_PORT STANDBY_URL STARTED_AT TASK_ID TIMEOUT_AT ' +
  'WEB_SERVER_PORT WEB_SERVER_URL';
const NUMBERS = new Set(
  (
    'MAX_PAID_DATASET_ITEMS MEMORY_MBYTES STANDBY_PORT WEB_SERVER_PORT CONTAINER_PORT DEDICATED_CPUS ' +
    'METAMORPH_AFTER_SLEEP_MILLIS PERSIST_STATE_INTERVAL_MILLIS PROXY_PORT SYSTEM_INFO_INTERVAL_MILLIS'
  ).split(' '),
);
// The short names of these would say too little.
const PREFIXED = new Set(['ID', 'RUN_ID', 'TASK_ID']);
// These have two names, from the two families of variables.
const DOUBLE = new Set(['BUILD_ID', 'BUILD_NUMBER', 'MAX_PAID_DATASET_ITEMS']);

/**
 * Reads what the platform tells an actor about its run: the variables `ACTOR_…` and, behind them, `APIFY_…`.
 *
 * Times are dates, ports and sizes numbers, everything else text. What cannot be read is `null`.
 */
export function readActorEnv(env: NodeJS.ProcessEnv = process.env): ActorEnv {
  const result: Record<string, string | number | Date | null> = {};
  for (const name of APIFY_VARIABLES.split(' ')) {
    result[camelCase(name)] = parse(name, env[`APIFY_${name}`]);
  }
  for (const name of ACTOR_VARIABLES.split(' ')) {
    const value = parse(name, env[`ACTOR_${name}`]);
    for (const property of propertiesOf(name)) result[property] = value ?? result[property] ?? null;
  }
  return result;
}

function propertiesOf(name: string): readonly string[] {
  const prefixed = camelCase(`ACTOR_${name}`);
  if (PREFIXED.has(name)) return [prefixed];
  return DOUBLE.has(name) ? [prefixed, camelCase(name)] : [camelCase(name)];
}

function parse(name: string, text: string | undefined): string | number | Date | null {
  if (text === undefined || text === '') return null;
  if (NUMBERS.has(name)) return Number.isNaN(Number(text)) ? null : Number(text);
  if (!name.endsWith('_AT')) return text;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
}
