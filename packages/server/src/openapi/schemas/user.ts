import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

const PUBLIC: Readonly<Record<string, Schema>> = {
  username: { type: 'string' },
  profile: objectSchema({ name: { type: 'string' } }),
};

const FEATURE: Schema = objectSchema({
  isEnabled: { type: 'boolean' },
  disabledReason: { type: ['string', 'null'] },
  disabledReasonType: { type: ['string', 'null'] },
  isTrial: { type: 'boolean' },
  trialExpirationAt: { type: ['string', 'null'] },
});

/** What everyone may know of a user. */
export const PUBLIC_USER: Schema = objectSchema(PUBLIC);

/** What a user may know of itself. */
export const USER: Schema = objectSchema({
  id: { type: 'string' },
  ...PUBLIC,
  createdAt: { type: 'string', format: 'date-time' },
  isPaying: { type: 'boolean' },
  plan: objectSchema({
    id: { type: 'string' },
    isEnabled: { type: 'boolean' },
    availableProxyGroups: { type: 'object', additionalProperties: true },
  }),
  proxy: objectSchema({ password: { type: 'string' }, groups: { type: 'array', items: { type: 'string' } } }),
  effectivePlatformFeatures: {
    type: 'object',
    additionalProperties: FEATURE,
    description: 'Of the features of a platform, the server has `STORAGE`.',
  },
});
