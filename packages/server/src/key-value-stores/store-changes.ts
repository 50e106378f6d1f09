import { GENERAL_ACCESS, isGeneralAccess } from '../access/general-access.js';
import { ApiError } from '../http/api-error.js';
import type { StoreChanges } from './store.js';

/**
 * Reads the changes of a store from a body. What is unknown is ignored.
 *
 * @throws ApiError 400.
 */
export function parseStoreChanges(body: Readonly<Record<string, unknown>>): StoreChanges {
  const { name, title, generalAccess } = body;
  if (generalAccess !== undefined && generalAccess !== null && !isGeneralAccess(generalAccess)) {
    throw new ApiError(
      400,
      'invalid-value',
      `The property "generalAccess" must be one of ${GENERAL_ACCESS.join(', ')}.`,
    );
  }
  return {
    ...(isTextOrNull('name', name) && { name }),
    ...(isTextOrNull('title', title) && { title }),
    ...(generalAccess !== undefined && { generalAccess }),
  };
}

function isTextOrNull(property: string, value: unknown): value is string | null {
  if (value === undefined) return false;
  if (value === null || typeof value === 'string') return true;
  throw new ApiError(400, 'invalid-value', `The property "${property}" must be a string or null.`);
}
