import type { ModelStore } from './model.ts';
import { conditional, get, info, list, remove, set, stream, url } from './record-steps.ts';
import type { StepContext } from './step-context.ts';
import { drop, open, openRandomly, purge, purgeAll, rename, reopen, update } from './store-steps.ts';
import type { WalkState } from './walk-state.ts';
import { KEYS } from './walk-values.ts';

type Step = (context: StepContext) => Promise<void>;

const STEPS = {
  set,
  remove,
  get,
  stream,
  info,
  url,
  list,
  conditional,
  purge,
  purgeAll,
  update,
  rename,
  drop,
  open,
  reopen,
};
const WEIGHTS: Readonly<Record<keyof typeof STEPS, number>> = {
  set: 40,
  remove: 15,
  get: 5,
  stream: 5,
  info: 5,
  url: 2,
  list: 8,
  conditional: 6,
  purge: 1,
  purgeAll: 1,
  update: 2,
  rename: 2,
  drop: 1,
  open: 3,
  reopen: 4,
};

/** Does one random thing to the directory and to the model; gives which kind of thing, and to which store. */
export async function runStep(state: WalkState): Promise<{ readonly name: string; readonly store: ModelStore }> {
  const { random, stores, backend } = state;
  if (stores.size === 0) await openRandomly(state);
  const { conditionalWrites } = backend.capabilities;
  const name = random.weighted(conditionalWrites ? WEIGHTS : { ...WEIGHTS, conditional: 0 });
  const store = random.pick([...stores.values()]);
  const key = random.pick(KEYS);
  state.trail.push(`${name} ${key} in ${store.name ?? store.alias ?? 'the default store'}`);
  const handle = await state.handle(store);
  const step: Step = STEPS[name];
  await step({ state, store, handle, key, record: store.records.get(key) });
  return { name, store };
}
