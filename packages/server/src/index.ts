export { createServer } from './create-server.js';
export type { KvServer } from './create-server.js';
export type { DefaultAccess } from './access/general-access.js';
export type { AccessLogEntry } from './http/report.js';
export type { ListeningServer, ListenOptions } from './http/listen.js';
export type { ServerLimits, ServerOptions } from './server-options.js';
