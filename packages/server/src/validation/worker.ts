import { parentPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { judge } from './judge.js';
import type { ValidationJob } from './verdict.js';

const port = parentPort as MessagePort;

port.on('message', (job: ValidationJob) => port.postMessage(judge(job), []));
