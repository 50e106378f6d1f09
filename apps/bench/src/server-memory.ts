import { readFileSync } from 'node:fs';
import type { Measurement } from './measure.ts';
import { STREAM_BYTES } from './server-plan.ts';
import { HEADERS, SERVER, startSubject } from './server-subjects.ts';
import type { Subject } from './server-subjects.ts';

const CHUNK = Buffer.from('A line of a text that is easy to compress.\n'.repeat(1525));
const TYPE = { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' };

/** Measures by how much the memory of a server grows at most while it takes a large value, and while it gives it. */
export async function measureMemory(name: string, root: string): Promise<Measurement> {
  if (process.platform !== 'linux') return {};
  const up = await growth(name, root, upload);
  const down = await growth(name, root, async (subject) => download(subject, 'identity'));
  if (name !== SERVER) return { up, down };
  return { up, down, coded: await growth(name, root, async (subject) => download(subject, 'br')) };
}

/** In a process that has done nothing but answer a small request. */
async function growth(name: string, root: string, run: (subject: Subject) => Promise<void>): Promise<number> {
  const subject = await startSubject(name, root);
  const idle = memory(subject.pid, 'VmRSS');
  await run(subject);
  const grown = memory(subject.pid, 'VmHWM') - idle;
  await subject.end();
  return grown;
}

async function upload({ url, records }: Subject): Promise<void> {
  let left = STREAM_BYTES;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left === 0) return controller.close();
      const chunk = new Uint8Array(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
      left -= chunk.length;
      controller.enqueue(chunk);
    },
  });
  const { status } = await fetch(`${url}${records}big`, { method: 'PUT', headers: TYPE, body, duplex: 'half' });
  if (status !== 201) throw new Error(`A stream was answered by ${status}.`);
}

async function download({ url, records }: Subject, coding: string): Promise<void> {
  const { body } = await fetch(`${url}${records}big`, { headers: { ...TYPE, 'accept-encoding': coding } });
  let size = 0;
  for await (const chunk of body ?? []) size += chunk.length;
  if (size !== STREAM_BYTES) throw new Error(`${size} bytes came instead of ${STREAM_BYTES}.`);
}

function memory(pid: number, name: string): number {
  const [, kib] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
