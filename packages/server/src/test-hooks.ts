import type { ServerOptions } from './options.ts';
import { type S3Server, startServer } from './start-server.ts';

/** The hooks of a test runner; those of vitest and jest fit. */
export interface TestHooks {
  beforeAll: (work: () => Promise<void>) => unknown;
  afterEach: (work: () => Promise<void>) => unknown;
  afterAll: (work: () => Promise<void>) => unknown;
}

/**
 * Has a server for the tests of a file: it starts before them, is reset after each, and closes after the last.
 *
 * @returns gives the server, from the first hook or test on
 * @throws {Error} from what it returns: the server has not started yet
 * @example
 * import { afterAll, afterEach, beforeAll, test } from 'vitest';
 * const s3 = serverForTests({ beforeAll, afterEach, afterAll }, { buckets: ['my-bucket'] });
 * test('uploads', async () => upload(s3().endpoint));
 */
export function serverForTests(hooks: TestHooks, options: ServerOptions = {}): () => S3Server {
  let server: S3Server | undefined;
  hooks.beforeAll(async () => {
    server = await startServer(options);
  });
  hooks.afterEach(async () => {
    await server?.reset();
  });
  hooks.afterAll(async () => {
    await server?.close();
  });
  return () => {
    if (server) return server;
    throw new Error('the server starts in beforeAll: ask for it in a hook or a test');
  };
}
