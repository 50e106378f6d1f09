import type { Schema } from '../schema.js';
import { ABOUT } from './about.js';
import { ERROR_RESPONSE } from './error.js';
import { GENERAL_ACCESS } from './general-access.js';
import { KEY_LIST } from './key-list.js';
import { KEY_VALUE_STORE_CHANGES } from './key-value-store-changes.js';
import { KEY_VALUE_STORE_LIST } from './key-value-store-list.js';
import { KEY_VALUE_STORE_SCHEMA } from './key-value-store-schema.js';
import { KEY_VALUE_STORE } from './key-value-store.js';
import { RUN_CHANGES } from './run-changes.js';
import { RUN } from './run.js';
import { PUBLIC_USER, USER } from './user.js';

/** The schemas that operations share, under the names of Apify's where it has the same. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  About: ABOUT,
  ErrorResponse: ERROR_RESPONSE,
  GeneralAccess: GENERAL_ACCESS,
  KeyValueStore: KEY_VALUE_STORE,
  KeyValueStoreChanges: KEY_VALUE_STORE_CHANGES,
  KeyValueStoreSchema: KEY_VALUE_STORE_SCHEMA,
  ListOfKeyValueStores: KEY_VALUE_STORE_LIST,
  ListOfKeys: KEY_LIST,
  PublicUser: PUBLIC_USER,
  Run: RUN,
  RunChanges: RUN_CHANGES,
  User: USER,
};
