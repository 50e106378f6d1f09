import { ValidationThread } from './validation-thread.js';
import type { ValidationJob, Verdict } from './verdict.js';

const MEMORY_MEBIBYTES = 1024;
// One for all servers of a process: an idle thread takes memory.
const thread = new ValidationThread(MEMORY_MEBIBYTES);

/** Checks JSON against JSON schemas, without keeping other requests waiting. */
export async function validateJson(job: ValidationJob): Promise<Verdict> {
  return thread.validate(job);
}
