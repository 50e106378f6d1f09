import type { Route } from '../http/route.js';
import { getAbout, getHealth, getMetrics } from './about-handlers.js';

/** The rows that are about the server itself. */
export const aboutRoutes: readonly Route[] = [
  { method: 'GET', path: '/', right: 'public', rate: 60, summary: 'Say what this is', handle: getAbout },
  {
    method: 'GET',
    path: '/health',
    right: 'public',
    rate: 60,
    summary: 'Tell whether the data can be reached',
    handle: getHealth,
  },
  {
    method: 'GET',
    path: '/metrics',
    right: 'server-read',
    rate: 60,
    summary: 'Get metrics for Prometheus',
    handle: getMetrics,
  },
];
