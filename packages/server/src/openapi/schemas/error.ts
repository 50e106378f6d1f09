import { objectSchema } from '../schema.js';
import type { Schema } from '../schema.js';

const VALIDATION_ERROR: Schema = objectSchema({
  instancePath: { type: 'string', description: 'What is wrong in the record, as a JSON pointer.' },
  schemaPath: { type: 'string', description: 'What in the schema it is wrong by, as a JSON pointer.' },
  keyword: { type: 'string' },
  params: { type: 'object', additionalProperties: true },
  message: { type: 'string' },
});

/** The body of every error. */
export const ERROR_RESPONSE: Schema = objectSchema({
  error: objectSchema(
    {
      type: { type: 'string', description: 'What went wrong, for programs.', pattern: '^[a-z]+(-[a-z]+)*$' },
      message: { type: 'string', description: 'What went wrong, for people.' },
      data: objectSchema(
        { validationErrors: { type: 'array', items: VALIDATION_ERROR } },
        { description: 'Given with the type `schema-validation-error`, for a record that its JSON schema refuses.' },
      ),
    },
    { optional: ['data'] },
  ),
});
