/** The state of a record: which write it holds, by a name that is unique; `undefined` when there is none. */
export type RegisterState = string | undefined;

/** What was done to a record, and what came of it. A deletion writes `undefined`. */
export type RegisterAction =
  | { readonly type: 'write'; readonly value: RegisterState }
  | { readonly type: 'read'; readonly value: RegisterState }
  /** Writes if the record is as expected, and else leaves it. */
  | {
      readonly type: 'replace';
      readonly expected: RegisterState;
      readonly value: RegisterState;
      readonly isDone: boolean;
    };

/** An action, and the times between which it took effect, on a clock that all processes share. */
export interface RegisterOperation {
  readonly start: number;
  readonly end: number;
  readonly action: RegisterAction;
}

/** A possible state of the record, and which of the unfinished operations have taken effect in it. */
interface Configuration {
  readonly state: RegisterState;
  readonly effective: number;
}

const REFUSED = Symbol('refused');
// One bit for each operation that is under way at once.
const MAX_CONCURRENT = 30;

/**
 * Tells whether the operations on one record could have taken effect one at a time, each between its start and its end;
 * gives the first operation that could not, or `undefined` when all could. In the beginning there is no record.
 *
 * Exact, for any number of equal values: it follows every order that is possible (Wing and Gong's search, one end of an
 * operation after the other as Lowe does it, so that only orders of what overlaps are tried).
 */
export function findNonLinearizable(operations: readonly RegisterOperation[]): RegisterOperation | undefined {
  const underWay: (RegisterOperation | undefined)[] = [];
  let possible: readonly Configuration[] = [{ state: undefined, effective: 0 }];
  for (const { operation, isStart } of eventsOf(operations)) {
    if (isStart) {
      underWay[freeSlot(underWay)] = operation;
      continue;
    }
    const slot = underWay.indexOf(operation);
    possible = takeEffect(possible, underWay, slot);
    if (possible.length === 0) return operation;
    underWay[slot] = undefined;
  }
  return undefined;
}

/** Follows all orders in which the operation of a slot has taken effect, and forgets it in them. */
function takeEffect(
  possible: readonly Configuration[],
  underWay: readonly (RegisterOperation | undefined)[],
  slot: number,
): Configuration[] {
  const seen = new Set(possible.map(nameOf));
  const open = [...possible];
  const reached = new Map<string, Configuration>();
  for (let current = open.pop(); current; current = open.pop()) {
    const { state, effective } = current;
    if (isEffective(effective, slot)) {
      const forgotten = { state, effective: effective & ~(1 << slot) };
      reached.set(nameOf(forgotten), forgotten);
      continue;
    }
    for (const [other, operation] of underWay.entries()) {
      if (!operation || isEffective(effective, other)) continue;
      const next = apply(operation.action, state);
      if (next === REFUSED) continue;
      const configuration = { state: next, effective: effective | (1 << other) };
      const name = nameOf(configuration);
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(configuration);
    }
  }
  return [...reached.values()];
}

function apply(action: RegisterAction, state: RegisterState): RegisterState | typeof REFUSED {
  if (action.type === 'write') return action.value;
  if (action.type === 'read') return action.value === state ? state : REFUSED;
  if (action.isDone) return action.expected === state ? action.value : REFUSED;
  return action.expected === state ? REFUSED : state;
}

/** Starts and ends in the order of their times; what begins at the very time when another ends overlaps it. */
function eventsOf(operations: readonly RegisterOperation[]): { operation: RegisterOperation; isStart: boolean }[] {
  return operations
    .flatMap((operation) => [
      { operation, time: operation.start, isStart: true },
      { operation, time: operation.end, isStart: false },
    ])
    .toSorted((one, other) => one.time - other.time || Number(other.isStart) - Number(one.isStart));
}

function freeSlot(underWay: readonly (RegisterOperation | undefined)[]): number {
  const free = underWay.indexOf(undefined);
  const slot = free === -1 ? underWay.length : free;
  if (slot >= MAX_CONCURRENT)
    throw new RangeError(`More than ${MAX_CONCURRENT} operations at once cannot be followed.`);
  return slot;
}

function isEffective(effective: number, slot: number): boolean {
  return (effective & (1 << slot)) !== 0;
}

function nameOf({ state, effective }: Configuration): string {
  return `${effective}:${state ?? ''}`;
}
