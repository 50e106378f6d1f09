import { GENERAL_ACCESS as VALUES } from '../../access/general-access.js';
import type { Schema } from '../schema.js';

/** Who may read a store without a token of its owner. */
export const GENERAL_ACCESS: Schema = {
  type: 'string',
  enum: VALUES,
  description: 'Who may read without a token of the owner. `FOLLOW_USER_SETTING` means what the server is set to.',
};
