import { Script } from 'node:vm';
import { Validator } from '@cfworker/json-schema';
import type { ValidationResult } from '@cfworker/json-schema';

const MAX_MILLIS = 1000;
const VALIDATE = new Script('validate()');

/**
 * Validates a value against JSON schemas, and gives the first result that is not valid; `undefined` when there is none.
 *
 * A pattern or nested references may take for ever, and the event loop with them; only a script has a timeout.
 *
 * @throws Error when a schema cannot be used, or takes longer than a second.
 */
export function validateJson(jsonSchemas: readonly object[], value: unknown): ValidationResult | undefined {
  const validate = (): ValidationResult | undefined => {
    for (const jsonSchema of jsonSchemas) {
      const result = new Validator({ ...jsonSchema }, '7', false).validate(value);
      if (!result.valid) return result;
    }
    return undefined;
  };
  return VALIDATE.runInNewContext({ validate }, { timeout: MAX_MILLIS }) as ValidationResult | undefined;
}
