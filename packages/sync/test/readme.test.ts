import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Connection, Storage } from '@s3kit/core';
import { expect, test } from 'vitest';
import * as sync from '../src/index.ts';
import { objectsIn, openWorld } from './world.ts';

test('the first example of the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, names = '', body = ''] =
    /```js\n.*?import \{ ([^}]*) \} from '@s3kit\/sync';\n(.*?)```/s.exec(readme) ?? [];
  const world = await openWorld({ buckets: ['my-bucket'] });
  const folder = await world.files('photos', { 'may/1.jpg': '1' });
  const lines: string[] = [];
  const log = {
    log: (...words: string[]) => lines.push(words.join(' ')),
    error: (...words: unknown[]) => lines.push(words.join(' ')),
  };
  // Its keys are dots, and its folder is another one.
  class Connection extends S3Connection {
    constructor() {
      super(
        { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint: 'http://localhost' },
        { transport: world.server.transport },
      );
    }
  }
  const here = { ...sync, local: (path: string) => sync.local(join(folder, '..', path)) };
  const example = new Function(
    'console',
    'S3Connection',
    'Storage',
    'sync',
    `return (async ({ ${names} }) => { ${body} })(sync);`,
  );
  await example(log, Connection, Storage, here);
  expect(lines).toEqual(['upload may/1.jpg', 'all is well']);
  expect(await objectsIn(world, 'photos/', 'my-bucket')).toEqual({ 'may/1.jpg': '1' });
  await world.close();
});
