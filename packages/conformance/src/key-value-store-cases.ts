import { ABORT_CASES } from './cases/aborting.js';
import { CAPABILITY_CASES } from './cases/capabilities.js';
import { CLOSE_CASES } from './cases/closing.js';
import { CONCURRENCY_CASES } from './cases/concurrency.js';
import { CONDITIONAL_RACE_CASES } from './cases/conditional-races.js';
import { CONDITIONAL_CASES } from './cases/conditional-writes.js';
import { CONTENT_TYPE_CASES } from './cases/content-types.js';
import { DROP_CASES } from './cases/dropping.js';
import { ETAG_CASES } from './cases/etags.js';
import { KEY_CASES } from './cases/keys.js';
import { LISTING_MEANWHILE_CASES } from './cases/listing-meanwhile.js';
import { LISTING_PREFIX_CASES } from './cases/listing-prefixes.js';
import { LISTING_CASES } from './cases/listing.js';
import { OPENING_CASES } from './cases/opening.js';
import { DRY_PURGE_CASES } from './cases/purging-dry.js';
import { PURGE_CASES } from './cases/purging.js';
import { RECORD_CASES } from './cases/records.js';
import { REFERENCE_CASES } from './cases/references.js';
import { REOPEN_CASES } from './cases/reopening.js';
import { SHARING_CASES } from './cases/sharing-places.js';
import { STORE_INFO_CASES } from './cases/store-info.js';
import { STREAM_IN_CASES } from './cases/streams-in.js';
import { STREAM_OUT_CASES } from './cases/streams-out.js';
import { VOLUME_CASES } from './cases/volume.js';
import type { ConformanceCase } from './conformance-case.js';

/** What every backend of key-value stores does, in the order in which it is checked. */
export const KEY_VALUE_STORE_CASES: readonly ConformanceCase[] = [
  ...OPENING_CASES,
  ...REFERENCE_CASES,
  ...STORE_INFO_CASES,
  ...RECORD_CASES,
  ...KEY_CASES,
  ...CONTENT_TYPE_CASES,
  ...STREAM_IN_CASES,
  ...STREAM_OUT_CASES,
  ...LISTING_CASES,
  ...LISTING_PREFIX_CASES,
  ...LISTING_MEANWHILE_CASES,
  ...ETAG_CASES,
  ...CONCURRENCY_CASES,
  ...CONDITIONAL_CASES,
  ...CONDITIONAL_RACE_CASES,
  ...PURGE_CASES,
  ...DRY_PURGE_CASES,
  ...DROP_CASES,
  ...CLOSE_CASES,
  ...REOPEN_CASES,
  ...SHARING_CASES,
  ...ABORT_CASES,
  ...CAPABILITY_CASES,
  ...VOLUME_CASES,
];
