import type { Route } from '../http/route.js';
import { getAbout, getHealth, getMetrics } from './about-handlers.js';
import { GET_ABOUT, GET_HEALTH, GET_METRICS } from './about-operations.js';

/** The rows that are about the server itself. */
export const aboutRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    right: 'public',
    rate: 60,
    summary: 'Say what this is',
    operation: GET_ABOUT,
    handle: getAbout,
  },
  {
    method: 'GET',
    path: '/health',
    right: 'public',
    rate: 60,
    summary: 'Tell whether the data can be reached',
    operation: GET_HEALTH,
    handle: getHealth,
  },
  {
    method: 'GET',
    path: '/metrics',
    right: 'server-read',
    rate: 60,
    summary: 'Get metrics for Prometheus',
    operation: GET_METRICS,
    handle: getMetrics,
  },
];
