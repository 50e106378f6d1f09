import type { User } from './users.js';

/** What a token allows: `write` includes reading. */
export type Scope = 'read' | 'write';

/** Who sends a request. */
export interface Identity {
  readonly user: User;
  readonly scope: Scope;
}
