import type { DefaultAccess } from './access/general-access.js';
import type { Tokens } from './access/tokens.js';
import type { User, Users } from './access/users.js';
import type { Stores } from './key-value-stores/stores.js';
import type { ServerLimits } from './server-options.js';

/** What the handlers of all requests share. */
export interface ServerContext {
  readonly users: Users;
  readonly tokens: Tokens;
  readonly stores: Stores;
  readonly defaultAccess: DefaultAccess;
  readonly limits: ServerLimits;
  /** The user that a request without a token acts as; `undefined` where tokens are required. */
  readonly openAs: User | undefined;
  /** Base URL of links; `undefined` for the one that the client has used. */
  readonly publicUrl: string | undefined;
  /** Gives the key that signs the links of a storage. */
  readonly signingKey: (storageId: string) => string;
}
