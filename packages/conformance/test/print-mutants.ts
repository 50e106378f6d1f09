// Prints which cases of the suite fail on which mutant: the first few of each, or all with `--all`.
import { createBackend } from './reference-backend.ts';
import { MUTANTS } from './mutants/all-mutants.ts';
import { findKillers } from './mutants/find-killers.ts';
import { openPlaces } from './mutants/open-places.ts';

const most = process.argv.includes('--all') ? Number.POSITIVE_INFINITY : 5;
const print = console.log;
// The suite says what it skips, once for each mutant.
console.log = () => {};

let survivors = 0;
print(`${'mutant'.padEnd(30)} killed by`);
for (const mutant of MUTANTS) {
  const { name } = mutant;
  const killers = await findKillers(mutant, most);
  if (killers.length === 0) survivors += 1;
  const more = killers.length === most ? ' …' : '';
  print(`${name.padEnd(30)} ${killers.length === 0 ? 'nothing' : killers.join(' ') + more}`);
}
const correct = [{ open: () => createBackend() }, openPlaces()];
const isCorrectSpared = (await Promise.all(correct.map((source) => findKillers(source, 1)))).flat().length === 0;
print(`${MUTANTS.length} mutants, ${survivors} survive; the correct backend ${isCorrectSpared ? 'passes' : 'FAILS'}`);
process.exit(survivors === 0 && isCorrectSpared ? 0 : 1);
