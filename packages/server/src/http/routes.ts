import { keyValueStoreRoutes } from '../key-value-stores/key-value-store-routes.js';
import { aboutRoutes } from '../about/about-routes.js';
import { runRoutes } from '../runs/run-routes.js';
import { userRoutes } from '../users/user-routes.js';
import type { Route } from './route.js';

/** The route table: all that the server answers. */
export const routes: readonly Route[] = [...aboutRoutes, ...keyValueStoreRoutes, ...runRoutes, ...userRoutes];
