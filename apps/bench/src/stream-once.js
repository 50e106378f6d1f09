// Writes or reads one stream in a process of its own, and tells how long it took and how much memory the process needed.
import { readFileSync } from 'node:fs';
import { SUBJECTS } from './subjects.js';

const CHUNK = new Uint8Array(64 * 1024).fill(120);

/** @param {number} size */
function generate(size) {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
      left -= chunk.length;
      controller.enqueue(chunk);
    },
  });
}

/** Linux lets `maxRSS` begin with the memory of the parent, so there the kernel's own mark is read. */
function peakMib() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1024;
}

const [, , name = '', direction, dir = '', size = '0'] = process.argv;
const subject = SUBJECTS[name];
if (!subject) throw new Error(`There is no subject ${name}.`);

if (direction !== 'idle') await subject.load();
const started = performance.now();
if (direction === 'idle') {
  // Only the process itself is measured.
} else if (direction === 'in') {
  await subject.write(dir, generate(Number(size)));
} else {
  let read = 0;
  for await (const chunk of await subject.read(dir)) read += chunk.length;
  if (read !== Number(size)) throw new Error(`${name} gave ${read} bytes back instead of ${size}.`);
}
const millis = performance.now() - started;
process.send?.({ millis, peakMib: peakMib() });
process.disconnect?.();
