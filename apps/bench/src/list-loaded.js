// Preloaded into a program: writes the URLs of all modules that it has loaded into loaded.txt when it ends.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** @type {Set<string>} */
const loaded = new Set();
registerHooks({
  load(url, context, nextLoad) {
    loaded.add(url);
    return nextLoad(url, context);
  },
});
process.on('exit', () => writeFileSync('loaded.txt', [...loaded].join('\n')));
