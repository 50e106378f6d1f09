// Runs the suites that are named, or all of them, and writes their pages under results/.
import { benchCloud } from './cloud-reads.ts';
import { benchFs } from './fs.ts';
import { benchServer } from './server.ts';
import { benchStreams } from './streams.ts';
import { benchWeight } from './weight.ts';

const SUITES: Readonly<Record<string, () => Promise<void>>> = {
  fs: benchFs,
  streams: benchStreams,
  cloud: benchCloud,
  weight: benchWeight,
  server: benchServer,
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(SUITES)) {
  const suite = SUITES[name];
  if (!suite) throw new Error(`There is no suite ${name}; there are ${Object.keys(SUITES).join(', ')}.`);
  await suite();
}
