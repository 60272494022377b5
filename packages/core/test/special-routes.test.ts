import { inspect } from 'node:util';
import { verifyV4a } from '@s3kit/sigv4/v4a';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type S3ConnectionConfig, type S3ConnectionRuntime, S3Name, type Storage } from '../src/index.ts';
import { createNodeTransport } from '../src/node/node-transport.ts';
import { type Handler, refuse, reply, ScriptedServer } from './scripted-server.ts';

const accessPoint = 'arn:aws:s3:us-west-2:123456789012:accesspoint/reports';
const multiRegion = 'arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap';
const outpost = 'arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports';
const lambda = 'arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/resize';
const express = 'logs--usw2-az1--x-s3';
const zone = `${express}.s3express-usw2-az1.us-west-2.amazonaws.com`;
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

let server: ScriptedServer;
let close: () => void;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(async () => {
  close();
  await server.close();
});

/** A client of Amazon whose sockets all lead to the scripted server; the Host header is as it would be. */
function amazon(config: Partial<S3ConnectionConfig> = {}, runtime: S3ConnectionRuntime = {}): Storage {
  const node = createNodeTransport({});
  close = node.close;
  return server.storage(
    { region: 'us-west-2', tls: true, endpoint: 's3.us-west-2.amazonaws.com', ...config },
    {
      transport: (request, signal) =>
        node.send({ ...request, protocol: 'http:', hostname: '127.0.0.1', port: server.port }, signal),
      ...runtime,
    },
  );
}

/** The credential scope that a request was signed for. */
function scope(index: number): string | undefined {
  return /Credential=[^/]+\/\d{8}\/([^,]+)\/aws4_request/.exec(
    server.arrived[index]?.headers.authorization ?? '',
  )?.[1];
}

function seen(): string[] {
  return server.arrived.map(({ method, target, headers }) => `${method} ${headers.host}${target}`);
}

test.each<[string, Partial<S3ConnectionConfig>, string, string]>([
  ['dual stack', { dualstack: true }, 'bucket', 'bucket.s3.dualstack.us-west-2.amazonaws.com/k'],
  ['FIPS', { fips: true }, 'bucket', 'bucket.s3-fips.us-west-2.amazonaws.com/k'],
  [
    'both, in a path',
    { fips: true, dualstack: true, addressingStyle: 'path' },
    'bucket',
    's3-fips.dualstack.us-west-2.amazonaws.com/bucket/k',
  ],
  ['acceleration', { accelerate: true }, 'bucket', 'bucket.s3-accelerate.amazonaws.com/k'],
  ['an access point', {}, accessPoint, 'reports-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k'],
  [
    'an access point’s alias',
    {},
    'reports-abcdefgh1234-s3alias',
    'reports-abcdefgh1234-s3alias.s3.us-west-2.amazonaws.com/k',
  ],
  [
    'an access point in a VPC',
    { endpoint: 'https://accesspoint.vpce-1a.s3.us-west-2.vpce.amazonaws.com' },
    accessPoint,
    'reports-123456789012.accesspoint.vpce-1a.s3.us-west-2.vpce.amazonaws.com/k',
  ],
  [
    'a region that is isolated',
    { region: 'us-iso-east-1', endpoint: 's3.us-iso-east-1.amazonaws.com' },
    'bucket',
    'bucket.s3.us-iso-east-1.c2s.ic.gov/k',
  ],
  [
    'a custom endpoint with port and path',
    { endpoint: 'http://gateway.example:8080/s3/', tls: false },
    'bucket',
    'gateway.example:8080/s3/bucket/k',
  ],
])('%s has its own address', async (_, config, bucket, address) => {
  await amazon(config).delete(new S3Name('k', bucket));
  expect(seen()).toEqual([`DELETE ${address}`]);
  expect(scope(0)).toBe(`${config.region ?? 'us-west-2'}/s3`);
});

test.each([
  [
    'an Outpost',
    outpost,
    'reports-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com',
    's3-outposts',
  ],
  [
    'S3 Object Lambda',
    lambda,
    'resize-123456789012.s3-object-lambda.us-west-2.amazonaws.com',
    's3-object-lambda',
  ],
])('%s is signed for by its own name', async (_, bucket, host, service) => {
  await amazon().delete(new S3Name('k', bucket));
  expect(seen()).toEqual([`DELETE ${host}/k`]);
  expect(scope(0)).toBe(`us-west-2/${service}`);
});

test('a bucket is made and deleted at the plain host, also with acceleration', async () => {
  const storage = amazon({ accelerate: true });
  await storage.bucketCreate('new-bucket');
  await storage.bucketDelete('new-bucket');
  await storage.bucketExists('new-bucket');
  expect(seen()).toEqual([
    'PUT new-bucket.s3.us-west-2.amazonaws.com/',
    'DELETE new-bucket.s3.us-west-2.amazonaws.com/',
    'HEAD new-bucket.s3-accelerate.amazonaws.com/',
  ]);
});

test('an ARN of another region is followed there', async () => {
  await amazon().delete(new S3Name('k', accessPoint.replace('us-west-2', 'eu-west-1')));
  expect(seen()).toEqual(['DELETE reports-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/k']);
  expect(scope(0)).toBe('eu-west-1/s3');
});

test('a Multi-Region Access Point is signed for in all regions, and the signature is right', async () => {
  await amazon({ sessionToken: 'TOKEN' }).delete(new S3Name('a b', multiRegion));
  expect(seen()).toEqual(['DELETE mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a%20b']);
  const [arrived] = server.arrived;
  expect(arrived?.headers['x-amz-region-set']).toBe('*');
  const verified = await verifyV4a(
    { method: 'DELETE', path: '/a%20b', query: '', headers: arrived?.headers ?? {} },
    { secretFor: (id) => (id === 'AKIDEXAMPLE' ? secretAccessKey : undefined), region: 'eu-west-1' },
  );
  expect(verified).toMatchObject({ service: 's3', regionSet: '*' });
});

test('a copy between access points names its source by ARN', async () => {
  server.script(reply(200, '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'));
  await amazon().copy(new S3Name('a b', accessPoint), new S3Name('k', accessPoint));
  expect(server.arrived.at(-1)?.headers['x-amz-copy-source']).toBe(
    'arn%3Aaws%3As3%3Aus-west-2%3A123456789012%3Aaccesspoint/reports/object/a%20b',
  );
});

test.each<[string, Partial<S3ConnectionConfig>, string, RegExp]>([
  [
    'an ARN of what is no access point',
    {},
    'arn:aws:sqs:us-west-2:123456789012:queue',
    /none of an access point/,
  ],
  [
    'an ARN of another partition',
    {},
    'arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/a',
    /partition `aws`/,
  ],
  [
    'acceleration with FIPS',
    { accelerate: true, fips: true },
    'bucket',
    /Accelerate cannot be used with FIPS/,
  ],
  [
    'dual stack at a custom endpoint',
    { dualstack: true, endpoint: 'https://example.com' },
    'bucket',
    /dual-stack/,
  ],
  ['a directory bucket without a zone', {}, 'logs--x-s3', /S3Express bucket name/],
])('%s is refused before any request', async (_, config, bucket, message) => {
  await expect(amazon(config).delete(new S3Name('k', bucket))).rejects.toThrow(message);
  expect(server.arrived).toHaveLength(0);
});

test('a name like a directory bucket’s is an ordinary one elsewhere', async () => {
  await amazon({ endpoint: '127.0.0.1:9000', tls: false }).delete(new S3Name('k', express));
  expect(seen()).toEqual([`DELETE 127.0.0.1:9000/${express}/k`]);
});

describe('S3 Express', () => {
  let clock: number;
  let sessions: number;
  beforeEach(() => {
    clock = Date.parse('2026-11-21T12:00:00Z');
    sessions = 0;
    server.script(answering(reply(200, 'content', { 'x-amz-storage-class': 'EXPRESS_ONEZONE' })));
  });

  /** Gives sessions of five minutes; answers all else by a handler. */
  function answering(handler: Handler): Handler {
    return (request, response) => {
      response.setHeader('date', new Date(clock).toUTCString());
      if (request.target !== '/?session=') return handler(request, response);
      const expiration = new Date(clock + 300_000).toISOString();
      reply(
        200,
        `<CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials><SessionToken>TOKEN${++sessions}</SessionToken><SecretAccessKey>SESSIONSECRET</SecretAccessKey><AccessKeyId>ASIASESSION</AccessKeyId><Expiration>${expiration}</Expiration></Credentials></CreateSessionResult>`,
      )(request, response);
    };
  }

  const name = new S3Name('k', express);
  const client = (config: Partial<S3ConnectionConfig> = {}): Storage => amazon(config, { now: () => clock });
  const tokens = (): unknown[] => server.arrived.map(({ headers }) => headers['x-amz-s3session-token']);

  test('requests are signed with the keys of one session, also those of the same moment', async () => {
    const storage = client({ sessionToken: 'ACCOUNTTOKEN' });
    await Promise.all([storage.delete(name), storage.delete(name), storage.delete(name)]);
    await storage.delete(name);
    expect(seen()).toEqual([`GET ${zone}/?session=`, ...Array<string>(4).fill(`DELETE ${zone}/k`)]);
    expect(tokens()).toEqual([undefined, 'TOKEN1', 'TOKEN1', 'TOKEN1', 'TOKEN1']);
    expect([0, 1].map(scope)).toEqual(['us-west-2/s3express', 'us-west-2/s3express']);
    const [first, second] = server.arrived;
    expect(first?.headers['x-amz-security-token']).toBe('ACCOUNTTOKEN');
    expect(first?.headers.authorization).toContain('Credential=AKIDEXAMPLE/');
    expect(second?.headers['x-amz-security-token']).toBeUndefined();
    expect(second?.headers.authorization).toMatch(
      /Credential=ASIASESSION\/.*SignedHeaders=[^,]*x-amz-s3session-token/,
    );
  });

  test('an abort ends a call that waits for it, and not the session itself', async () => {
    let give = (): void => undefined;
    const answer = answering(reply(200));
    server.script((request, response) => {
      give = () => answer(request, response);
    }, answer);
    const storage = client();
    const reason = new Error('nobody waits any more');
    const aborting = new AbortController();
    const first = storage.delete(name, { signal: aborting.signal });
    await expect.poll(() => server.arrived.length).toBe(1);
    aborting.abort(reason);
    await expect(first).rejects.toMatchObject({ exception: reason });
    const second = storage.delete(name);
    give();
    await second;
    expect(seen()).toEqual([`GET ${zone}/?session=`, `DELETE ${zone}/k`]);
  });

  test('a session is made anew a minute before it ends', async () => {
    const storage = client();
    await storage.delete(name);
    clock += 239_000;
    await storage.delete(name);
    clock += 2_000;
    await Promise.all([storage.delete(name), storage.delete(name)]);
    expect(tokens()).toEqual([undefined, 'TOKEN1', 'TOKEN1', undefined, 'TOKEN2', 'TOKEN2']);
  });

  test('each bucket has its own', async () => {
    const storage = client();
    await storage.delete(name);
    await storage.delete(new S3Name('k', 'other--use1-az4--x-s3'));
    expect(sessions).toBe(2);
  });

  test('a session that is refused is replaced, once', async () => {
    let refusals = 0;
    server.script(
      answering((request, response) =>
        (++refusals === 1 ? refuse(400, 'ExpiredToken') : reply(204))(request, response),
      ),
    );
    await client().delete(name);
    expect(tokens()).toEqual([undefined, 'TOKEN1', undefined, 'TOKEN2']);
    server.script(answering(refuse(400, 'ExpiredToken')));
    await expect(client().delete(name)).rejects.toMatchObject({ code: 'ExpiredToken' });
    expect(server.arrived).toHaveLength(4);
  });

  test('who may have no session is told so, and may have one later', async () => {
    server.script(refuse(403, 'AccessDenied'));
    const storage = client();
    await expect(storage.delete(name)).rejects.toMatchObject({ code: 'AccessDenied', status: 403 });
    server.script(answering(reply(204)));
    await storage.delete(name);
    expect(tokens()).toEqual([undefined, 'TOKEN1']);
  });

  test('an answer that holds no session is an error', async () => {
    server.script(reply(200, '<CreateSessionResult/>'));
    await expect(client().delete(name)).rejects.toThrow(/S3 gave no session/);
  });

  test('a bucket is made and deleted at the control endpoint, without a session', async () => {
    await client().bucketCreate(express);
    await client().bucketDelete(express);
    const control = `s3express-control.us-west-2.amazonaws.com/${express}`;
    expect(seen()).toEqual([`PUT ${control}`, `DELETE ${control}`]);
    expect([0, 1].map(scope)).toEqual(['us-west-2/s3express', 'us-west-2/s3express']);
    expect(server.arrived[0]?.body.toString()).toContain(
      '<Location><Type>AvailabilityZone</Type><Name>usw2-az1</Name></Location>' +
        '<Bucket><Type>Directory</Type><DataRedundancy>SingleAvailabilityZone</DataRedundancy></Bucket>',
    );
  });

  test('a rename is asked for with the session, and nobody is asked whether there is such a thing', async () => {
    await client().objectRename(name, 'l');
    expect(seen()).toEqual([`GET ${zone}/?session=`, `PUT ${zone}/l?renameObject=`]);
    expect(tokens()).toEqual([undefined, 'TOKEN1']);
    expect(server.arrived[1]?.headers['x-amz-rename-source']).toBe('k');
  });

  test('a copy is signed with the account’s own keys, as S3 wants it', async () => {
    const copied = reply(200, '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>');
    server.script(
      answering((request, response) => (request.method === 'PUT' ? copied : reply(200))(request, response)),
    );
    await client().copy(name, new S3Name('l', express));
    const copies = server.arrived.flatMap(({ headers }, index) =>
      headers['x-amz-copy-source'] === undefined ? [] : [index],
    );
    expect(copies).toHaveLength(1);
    for (const index of copies) {
      expect(tokens()[index]).toBeUndefined();
      expect(server.arrived[index]?.headers.authorization).toContain('Credential=AKIDEXAMPLE/');
      expect(scope(index)).toBe('us-west-2/s3express');
    }
  });

  test('a bucket is listed, and asked for, in its zone', async () => {
    server.script(
      answering(reply(200, '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>')),
    );
    const storage = client();
    for await (const _ of storage.bucketListKeys(express)) expect.unreachable();
    expect(await storage.bucketExists(express)).toBe(true);
    expect(seen().map((one) => one.replace(/\?.*/, ''))).toEqual([
      `GET ${zone}/`,
      `GET ${zone}/`,
      `HEAD ${zone}/`,
    ]);
    expect(tokens()).toEqual([undefined, 'TOKEN1', 'TOKEN1']);
  });

  test('an ETag there is no digest of the content', async () => {
    server.script(
      answering(
        reply(200, 'content', {
          etag: '"00000000000000000000000000000000"',
          'x-amz-storage-class': 'EXPRESS_ONEZONE',
        }),
      ),
    );
    expect(Buffer.from(await client().readBytes(name)).toString()).toBe('content');
  });

  test('a presigned URL carries the session', async () => {
    const url = new URL(await client().presign(name, { expiresIn: 60 }));
    expect(url.host).toBe(zone);
    expect(url.searchParams.get('X-Amz-S3session-Token')).toBe('TOKEN1');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^ASIASESSION\/\d{8}\/us-west-2\/s3express\//);
  });

  test('a URL cannot be presigned where a session is refused', async () => {
    server.script(refuse(403, 'AccessDenied', 'no session for you'));
    await expect(client().presign(name)).rejects.toMatchObject({
      name: 'StorageError',
      msg: 'presign',
      code: 'AccessDenied',
      status: 403,
    });
  });

  test('no session is ever shown', async () => {
    const storage = client();
    await storage.delete(name);
    expect(inspect(storage, { depth: 10, showHidden: true }) + JSON.stringify(storage)).not.toMatch(
      /TOKEN1|SESSIONSECRET/,
    );
  });
});

describe('without a region', () => {
  test.each<[string, Handler]>([
    [
      'a refused signature',
      reply(400, '<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>'),
    ],
    [
      'a redirect',
      reply(301, '<Error><Code>PermanentRedirect</Code></Error>', { 'x-amz-bucket-region': 'eu-west-1' }),
    ],
  ])('the global host tells it by %s, and it is remembered', async (_, answer) => {
    server.script(answer, reply(204));
    const storage = amazon({ region: 'us-east-1', endpoint: 's3.amazonaws.com' });
    await storage.delete('k');
    await storage.delete('k');
    expect(seen()).toEqual([
      'DELETE bucket.s3.amazonaws.com/k',
      'DELETE bucket.s3.eu-west-1.amazonaws.com/k',
      'DELETE bucket.s3.eu-west-1.amazonaws.com/k',
    ]);
    expect([0, 1, 2].map(scope)).toEqual(['us-east-1/s3', 'eu-west-1/s3', 'eu-west-1/s3']);
  });

  test('a refusal that does not say where the bucket is makes it ask once', async () => {
    server.script(
      refuse(301, 'PermanentRedirect'),
      reply(301, '', { 'x-amz-bucket-region': 'eu-west-1' }),
      reply(200),
      reply(204),
    );
    await amazon({ region: 'us-east-1', endpoint: 's3.amazonaws.com' }).delete('k');
    expect(seen()).toEqual([
      'DELETE bucket.s3.amazonaws.com/k',
      'HEAD bucket.s3.amazonaws.com/',
      'HEAD bucket.s3.eu-west-1.amazonaws.com/',
      'DELETE bucket.s3.eu-west-1.amazonaws.com/k',
    ]);
  });

  test('a bucket whose region nobody tells is a refusal', async () => {
    server.script(refuse(301, 'PermanentRedirect'), reply(301));
    await expect(amazon().delete('k')).rejects.toMatchObject({ code: 'PermanentRedirect' });
    expect(seen().map((one) => one.split(' ')[0])).toEqual(['DELETE', 'HEAD']);
  });

  test('dual stack is kept on the way to another region', async () => {
    server.script(reply(301, '', { 'x-amz-bucket-region': 'eu-west-1' }), reply(204));
    await amazon({ dualstack: true }).delete('k');
    expect(seen().at(-1)).toBe('DELETE bucket.s3.dualstack.eu-west-1.amazonaws.com/k');
  });
});

describe('forms', () => {
  test.each([
    [accessPoint, 'us-west-2/s3', 'reports-123456789012.s3-accesspoint.us-west-2.amazonaws.com'],
    [
      outpost,
      'us-west-2/s3-outposts',
      'reports-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com',
    ],
  ])('of %s are signed for whom they are sent to', async (bucket, scopeOf, host) => {
    const storage = amazon({ region: 'eu-west-1', endpoint: 's3.eu-west-1.amazonaws.com' });
    const { url, fields } = await storage.presignPost(new S3Name('k', bucket));
    expect(new URL(url).host).toBe(host);
    expect(fields['x-amz-credential']).toContain(`/${scopeOf}/aws4_request`);
  });

  test.each([multiRegion, lambda, express])('%s takes none', async (bucket) => {
    await expect(amazon().presignPost(new S3Name('k', bucket))).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ERR_S3KIT_INVALID_ARGUMENT',
    });
  });
});

test('what the rules of addresses refuse is an argument', async () => {
  const calls = [
    amazon({ addressingStyle: 'path' }).readText(new S3Name('k', accessPoint)),
    amazon({ accelerate: true }).readText(new S3Name('k', 'my.bucket')),
    amazon({ addressingStyle: 'path' }).presign(new S3Name('k', accessPoint)),
  ];
  for (const call of calls)
    await expect(call).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_S3KIT_INVALID_ARGUMENT' });
});
