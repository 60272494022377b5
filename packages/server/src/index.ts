export type { Limits, RequestSummary, ServerOptions, User } from './options.ts';
export { type S3Server, startServer } from './start-server.ts';
