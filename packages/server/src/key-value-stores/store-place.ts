import type { LocateStore, Route, StoreRoute } from '../http/route.js';
import type { Operation, Parameter } from '../openapi/operation.js';

/** A place in the API under which the whole of a store is reachable. */
export interface StorePlace {
  readonly prefix: string;
  readonly locate: LocateStore;
  /** What tells its operations from those of a store that is named by itself. */
  readonly of?: {
    /** End of the ids of operations. */
    readonly suffix: string;
    readonly parameters?: readonly Parameter[];
  };
}

/** Makes a row for something inside a store in one of its places. */
export function inPlace(route: StoreRoute, { prefix, locate, of }: StorePlace): Route {
  const operation = of ? ofRun(route.operation, of) : route.operation;
  return { ...route, path: prefix + route.path, locate, operation };
}

function ofRun(operation: Operation, { suffix, parameters = [] }: NonNullable<StorePlace['of']>): Operation {
  return {
    ...operation,
    id: operation.id + suffix,
    tag: "Runs' stores",
    parameters: [...parameters, ...(operation.parameters ?? [])],
  };
}
