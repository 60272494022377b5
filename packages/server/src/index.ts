export type { Fault } from './faults.ts';
export { type InProcessServer, openInProcess, type Recording } from './in-process.ts';
export type { NotificationRecord } from './notifications.ts';
export type { Limits, RequestSummary, ServerOptions, User } from './options.ts';
export { type S3Server, startServer } from './start-server.ts';
export { serverForTests, type TestHooks } from './test-hooks.ts';
export type { Transport, TransportBody, TransportRequest, TransportResponse } from './transport.ts';
