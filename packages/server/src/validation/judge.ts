import { createContext, Script } from 'node:vm';
import { Validator } from '@cfworker/json-schema';
import type { OutputUnit } from '@cfworker/json-schema';
import { ApiError } from '../http/api-error.js';
import { parseJson } from '../http/parse-json.js';
import type { ValidationJob, Verdict } from './verdict.js';

// A busy machine may do other things meanwhile, and a record that is right must not be refused for that.
const BASE_MILLIS = 1000;
// Plain schemas take 80 to 700 ms.
const MILLIS_PER_MEBIBYTE = 1000;
const MEBIBYTE = 1024 * 1024;
/** A large record can have one at every value. */
const MAX_ERRORS = 100;

type Apply = () => readonly OutputUnit[];

const APPLY = new Script('apply()');
const sandbox: { apply?: Apply } = {};
const context = createContext(sandbox);

/**
 * Checks JSON against all schemas of a job.
 *
 * A pattern or nested references may take for ever; only a script has a timeout, and it is one for all of them.
 */
export function judge({ jsonSchemas, bytes }: ValidationJob): Verdict {
  let index = 0;
  try {
    const value = parseJson(new TextDecoder().decode(bytes));
    sandbox.apply = () => {
      const found: OutputUnit[] = [];
      for (; index < jsonSchemas.length; index += 1) {
        const { errors } = new Validator({ ...jsonSchemas[index] }, '7', false).validate(value);
        found.push(...errors.slice(0, MAX_ERRORS - found.length));
      }
      return found;
    };
    const timeout = BASE_MILLIS + Math.ceil((bytes.byteLength / MEBIBYTE) * MILLIS_PER_MEBIBYTE);
    const errors = APPLY.runInContext(context, { timeout }) as ReturnType<Apply>;
    return errors.length > 0 ? { state: 'invalid', errors } : { state: 'valid' };
  } catch (error) {
    if (error instanceof ApiError) return { state: 'unreadable', message: error.message };
    // Some of what is wrong with a schema shows only with a value.
    return { state: 'unusable', index };
  }
}
