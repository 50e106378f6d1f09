/** What the names of stores in the backend begin with that are not the owner's own. */
export const RESERVED_PREFIX = 'kv-server-';

/** Name of the store that holds the server's own data. */
export const DATA_STORE_NAME: string = `${RESERVED_PREFIX}data`;
