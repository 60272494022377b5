import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeletedName, S3Name } from '../src/index.ts';
import { type Arrived, type Handler, refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(204));
});
afterEach(() => server.close());

const answersAll: Handler = (request, response) => {
  if (request.method === 'DELETE') return void response.writeHead(204).end();
  const keys = keysIn(request).map((key) => `<Deleted><Key>${key}</Key></Deleted>`);
  response.end(`<DeleteResult>${keys.join('')}</DeleteResult>`);
};

/** The keys of a request, as they are written in it. */
function keysIn({ body }: Arrived): string[] {
  return [...body.toString().matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key = '']) => key);
}

async function all(results: AsyncIterable<DeletedName>): Promise<DeletedName[]> {
  const list: DeletedName[] = [];
  for await (const result of results) list.push(result);
  return list;
}

function* numbered(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield `key-${index}`;
}

describe('deleteMany', () => {
  test('deletes 2,500 names in three requests, and tells of each', async () => {
    server.script(answersAll);
    const results = await all(server.storage().deleteMany(numbered(2500)));
    expect(results.map(({ name }) => name.key)).toEqual([...numbered(2500)]);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(server.arrived.map((request) => keysIn(request).length)).toEqual([1000, 1000, 500]);
  });

  test('each request is for one bucket', async () => {
    server.script(answersAll);
    const names = [new S3Name('a', 'one'), new S3Name('b', 'one'), new S3Name('c', 'two')];
    const results = await all(server.storage().deleteMany(names));
    expect(results.map(({ name }) => `${name.bucket}/${name.key}`)).toEqual(['one/a', 'one/b', 'two/c']);
    const lines = server.arrived.map(({ method, target }) => `${method} ${target}`);
    expect(new Set(lines)).toEqual(new Set(['DELETE /two/c', 'POST /one?delete=']));
  });

  test('the document is escaped, and carries the digest that the connection is set to', async () => {
    const results = ['crc32', 'when-required', 'md5'] as const;
    for (const checksum of results) {
      server.script(answersAll);
      await all(server.storage({ checksum }).deleteMany(['a&b', '<c>']));
      const [request] = server.arrived;
      expect(request && keysIn(request)).toEqual(['a&amp;b', '&lt;c&gt;']);
      const digest = checksum === 'crc32' ? 'x-amz-checksum-crc32' : 'content-md5';
      expect(request?.headers[digest]).toMatch(/^[A-Za-z0-9+/]+=*$/);
    }
  });

  test('names that XML cannot carry, or that a reader could take for others, are deleted one by one', async () => {
    server.script(answersAll);
    const odd = ['control\u0001', 'line\nbreak', 'return\r', ' space', 'space ', 'non\uffff'];
    const results = await all(server.storage().deleteMany(['plain', ...odd, 'other']));
    expect(results.map(({ name }) => name.key)).toEqual(['plain', ...odd, 'other']);
    const [batch, ...single] = server.arrived;
    expect(batch && keysIn(batch)).toEqual(['plain', 'other']);
    expect(new Set(single.map(({ target }) => decodeURIComponent(target)))).toEqual(
      new Set(odd.map((key) => `/bucket/${key}`)),
    );
  });

  test('a name that cannot be deleted is reported, and does not keep the others', async () => {
    server.script(
      reply(
        200,
        '<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>',
      ),
    );
    const [a, b] = await all(server.storage().deleteMany(['a', 'b']));
    expect(a?.error).toBeUndefined();
    expect(b?.error).toMatchObject({ code: 'AccessDenied', status: 200, msg: 'deleteMany' });
    expect(b?.error?.message).toContain('s3://bucket/b');
  });

  test('what an answer does not name, and what the service had no time for, is asked for by itself', async () => {
    server.script(
      reply(
        200,
        '<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>InternalError</Code></Error></DeleteResult>',
      ),
      answersAll,
    );
    const results = await all(server.storage().deleteMany(['a', 'b', 'c']));
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    const single = server.arrived.slice(1).map(({ method, target }) => `${method} ${target}`);
    expect(new Set(single)).toEqual(new Set(['DELETE /bucket/b', 'DELETE /bucket/c']));
  });

  test.each([
    ['in their order', ['a', 'b&amp;c', 'd'], ''],
    ['in another order', ['d', 'a', 'b&amp;c'], ''],
    ['with lines between them', ['a', 'b&amp;c', 'd'], '\n  '],
  ])('an answer may tell of all, %s', async (_, keys, between) => {
    const deleted = keys.map((key) => `${between}<Deleted>${between}<Key>${key}</Key></Deleted>`);
    server.script(
      reply(
        200,
        `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${deleted.join('')}</DeleteResult>`,
      ),
    );
    const results = await all(server.storage().deleteMany(['a', 'b&c', 'd']));
    expect(results).toEqual(['a', 'b&c', 'd'].map((key) => ({ name: new S3Name(key, 'bucket') })));
    expect(server.arrived.length).toBe(1);
  });

  test.each([
    ['an error stands before them', '<Error><Key>a</Key><Code>AccessDenied</Code></Error>'],
    ['a tag stands before them', '<Deleted><Key>x</Key></Deleted>'],
  ])('an answer that tells of all is read all the same where %s', async (_, before) => {
    const document = `<DeleteResult>${before}<Deleted><Key>a</Key></Deleted><Deleted><Key>b</Key></Deleted></DeleteResult>`;
    server.script(reply(200, document));
    const [a, b] = await all(server.storage().deleteMany(['a', 'b']));
    expect(a?.error?.code).toBe(before.startsWith('<Error>') ? 'AccessDenied' : undefined);
    expect(b?.error).toBeUndefined();
  });

  test('a name that is told twice is asked for once, and told of twice', async () => {
    server.script(answersAll);
    const results = await all(server.storage().deleteMany(['b', 'a', 'b', 'line\nbreak', 'line\nbreak']));
    expect(results.map(({ name }) => name.key)).toEqual(['b', 'a', 'b', 'line\nbreak', 'line\nbreak']);
    const [batch, ...single] = server.arrived;
    expect(batch && keysIn(batch)).toEqual(['b', 'a']);
    expect(single.map(({ target }) => target)).toEqual(['/bucket/line%0Abreak']);
  });

  test('a full request goes out before the next name is there', async () => {
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    server.script((request, response) => {
      arrived();
      return answersAll(request, response);
    });
    async function* names(): AsyncGenerator<string> {
      yield* numbered(1000);
      await arrival;
      yield 'last';
    }
    const results = await all(server.storage().deleteMany(names()));
    expect(results.length).toBe(1001);
  });

  test('a service without DeleteObjects deletes one by one', async () => {
    server.script(refuse(501, 'NotImplemented'), answersAll);
    const results = await all(server.storage().deleteMany(['a', 'b']));
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(server.arrived.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE']);
  });

  test('a request that is refused, or lost, fails for each of its names', async () => {
    server.script(refuse(403, 'AccessDenied'));
    const refused = await all(server.storage().deleteMany(['a', 'b']));
    expect(refused.map(({ error }) => error?.code)).toEqual(['AccessDenied', 'AccessDenied']);
    server.script(reset);
    const lost = await all(server.storage().deleteMany(['a', 'b']));
    expect(lost.map(({ error }) => error?.response)).toEqual([null, null]);
  });

  test('of a version, its number is told; of an object beside it, none', async () => {
    const document =
      '<DeleteResult><Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m</DeleteMarkerVersionId></Deleted><Deleted><Key>a</Key><VersionId>v1</VersionId></Deleted><Error><Key>a</Key><VersionId>v2</VersionId><Code>AccessDenied</Code></Error></DeleteResult>';
    server.script(reply(200, document));
    const names = ['a', { key: 'a', versionId: 'v1' }, { key: 'a', bucket: 'bucket', versionId: 'v2' }];
    const results = await all(server.storage().deleteMany(names));
    expect(results).toEqual([
      { name: new S3Name('a', 'bucket') },
      { name: new S3Name('a', 'bucket'), versionId: 'v1' },
      {
        name: new S3Name('a', 'bucket'),
        versionId: 'v2',
        error: expect.objectContaining({ code: 'AccessDenied' }),
      },
    ]);
    expect(server.arrived.map(({ body }) => body.toString())).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object><Object><Key>a</Key><VersionId>v1</VersionId></Object><Object><Key>a</Key><VersionId>v2</VersionId></Object></Delete>',
    ]);
  });

  test('a version that goes by itself is that version', async () => {
    server.script(answersAll);
    const names = [{ key: 'a\n1', versionId: 'x/ y' }, 'a', { key: 'a', versionId: '1' }, 'a\n1'];
    await all(server.storage().deleteMany(names));
    const lines = server.arrived.map(({ method, target }) => `${method} ${target}`);
    expect(new Set(lines)).toEqual(
      new Set([
        'POST /bucket?delete=',
        'DELETE /bucket/a%0A1?versionId=x%2F%20y',
        'DELETE /bucket/a%0A1',
        // The answer told of its key only, which was that of the object.
        'DELETE /bucket/a?versionId=1',
      ]),
    );
  });

  test.each(['', undefined])('the object is not deleted in place of the version %j', async (versionId) => {
    const names = [{ key: 'a', versionId: versionId as string }];
    await expect(all(server.storage().deleteMany(names))).rejects.toThrow('s3://bucket/a: the versionId');
    expect(server.arrived).toEqual([]);
  });

  test('an object goes only while it has its ETag, with others and by itself; one that has gone already is deleted', async () => {
    server.script((request, response) => {
      if (request.method === 'DELETE')
        return refuse(
          request.target.endsWith('gone') ? 404 : 412,
          request.target.endsWith('gone') ? 'NoSuchKey' : 'PreconditionFailed',
        )(request, response);
      const error = (key: string, code: string): string =>
        `<Error><Key>${key}</Key><Code>${code}</Code></Error>`;
      response.end(
        `<DeleteResult><Deleted><Key>a</Key></Deleted>${error('b', 'PreconditionFailed')}${error('c', 'NoSuchKey')}</DeleteResult>`,
      );
    });
    const storage = server.storage();
    const names = ['a', 'b', 'c', 'd\n', 'd\ngone'].map((key) => ({ key, ifMatch: `"${key.charAt(0)}&"` }));
    const results = await all(storage.deleteMany(names));
    const codes = results.map(({ error }) => error?.code);
    expect(codes).toEqual([undefined, 'PreconditionFailed', undefined, 'PreconditionFailed', undefined]);
    const [together, ...alone] = server.arrived;
    expect(together?.body.toString()).toContain('<Object><Key>a</Key><ETag>"a&amp;"</ETag></Object>');
    expect(alone.map(({ headers }) => headers['if-match'])).toEqual(['"d&"', '"d&"']);
  });

  test.each([{ ifMatch: '' }, { ifMatch: '"e"', versionId: 'v' }])(
    'it is not deleted in spite of %j',
    async (condition) => {
      await expect(all(server.storage().deleteMany([{ key: 'a', ...condition }]))).rejects.toThrow(
        's3://bucket/a: ifMatch',
      );
      expect(server.arrived).toEqual([]);
    },
  );

  test('an abort ends it with the reason', async () => {
    server.script(() => undefined);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(all(server.storage().deleteMany(['a', 'b'], { signal: stop.signal }))).rejects.toThrow(
      'enough',
    );
  });

  test.each<[string, (stop: AbortController) => Promise<void> | undefined, string]>([
    [
      'whoever gives the names fails',
      () => {
        throw new Error('no more');
      },
      'no more',
    ],
    [
      'it is aborted',
      async (stop) => {
        setTimeout(() => stop.abort(new Error('enough')), 200);
        await new Promise(() => undefined);
      },
      'enough',
    ],
  ])('what was deleted is told of also where %s', async (_, fault, message) => {
    server.script(answersAll);
    const stop = new AbortController();
    async function* names(): AsyncGenerator<string> {
      yield* numbered(3_000);
      await fault(stop);
    }
    const told: string[] = [];
    const deleting = (async () => {
      for await (const { name } of server.storage().deleteMany(names(), { signal: stop.signal }))
        told.push(name.key);
    })();
    await expect(deleting).rejects.toThrow(message);
    expect(told).toEqual([...numbered(3_000)]);
  });

  test('what was deleted is told of before more names come', async () => {
    server.script(answersAll);
    let told = 0;
    async function* names(): AsyncGenerator<string> {
      yield* numbered(1_000);
      while (told < 1_000) await new Promise((resolve) => setTimeout(resolve, 10));
      yield 'one more';
    }
    for await (const _ of server.storage().deleteMany(names())) told++;
    expect(told).toBe(1_001);
  });

  test('an abort ends it also while the next name does not come, and lets go of who gives the names', async () => {
    server.script(answersAll);
    let returned = 0;
    const names: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          returned++;
          return new Promise(() => undefined);
        },
      }),
    };
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(all(server.storage().deleteMany(names, { signal: stop.signal }))).rejects.toThrow('enough');
    expect(returned).toBe(1);
  });

  test('who gives the names is let go of when no more are wanted, and only then', async () => {
    server.script(answersAll);
    const taken: string[] = [];
    async function* names(count: number): AsyncGenerator<string> {
      try {
        yield* numbered(count);
        taken.push('all');
      } finally {
        taken.push('let go');
      }
    }
    await all(server.storage().deleteMany(names(3)));
    expect(taken).toEqual(['all', 'let go']);
    for await (const _ of server.storage().deleteMany(names(9_000), { concurrency: 1 })) break;
    expect(taken).toEqual(['all', 'let go', 'let go']);
  });

  test('names are taken only as they are needed', async () => {
    server.script(answersAll);
    let taken = 0;
    function* endless(): Generator<string> {
      for (;;) yield `key-${taken++}`;
    }
    for await (const { name } of server.storage().deleteMany(endless(), { concurrency: 2 })) {
      if (name.key === 'key-10') break;
    }
    expect(taken).toBeLessThan(3000);
  });
});
