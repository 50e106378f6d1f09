import { keyValueStoreRoutes } from '../key-value-stores/key-value-store-routes.js';
import type { Route } from './route.js';

/** The route table: all that the server answers. */
export const routes: readonly Route[] = [...keyValueStoreRoutes];
