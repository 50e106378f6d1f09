export { Actor } from './actor/actor.js';
export type { ActorOpenOptions } from './actor/actor.js';
export type { ActorEnv } from './actor/actor-env.js';
export { EXIT_CODES } from './actor/actor-options.js';
export type {
  ExitOptions,
  InitOptions,
  MainOptions,
  SetStatusMessageOptions,
  StatusMessageLevel,
  UseStateOptions,
} from './actor/actor-options.js';
export type { OpenStorageOptions, StorageIdentifier } from './backend/storage-identifier.js';
export { Configuration } from './configuration/configuration.js';
export type { ConfigurationEntry } from './configuration/configuration.js';
export type {
  ConfigurationOption,
  ConfigurationOptions,
  ConfigurationValues,
} from './configuration/configuration-options.js';
export type { DualIterable } from './key-value-store/dual-iterable.js';
export type { IterateKeysOptions } from './key-value-store/iterate-keys.js';
export { KeyValueStore } from './key-value-store/key-value-store.js';
export type { KeyDetails } from './key-value-store/key-value-store.js';
export type { PurgeStoreOptions } from './key-value-store/purge-store-options.js';
export type { SetValueOptions } from './key-value-store/set-value-options.js';
export type { ChangeValue, UpdateOptions } from './key-value-store/update-value.js';
export type { ActorEvent, ActorEventListener, ActorEvents } from './state/event-manager.js';
export { isKvError, KvError } from '@kv/core';
export type { KeyValueStoreInfo, KeyValueStoreRecord, KvErrorCode, PurgeResult, StorageBackend } from '@kv/core';
