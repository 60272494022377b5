import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bucketConfigurations, S3Connection, Storage } from '../src/index.ts';
import { objectConfigurations } from '../src/object-configurations.ts';
import { type Handler, refuse, reply, ScriptedServer } from './scripted-server.ts';

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

const lines = (): string[] => server.arrived.map(({ method, target }) => `${method} ${target}`);

type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** A storage whose methods are called by names from the tables. */
function byName(storage: Storage = server.storage()): Methods {
  return storage as unknown as Methods;
}

/** A storage that believes that it talks to Amazon, and has this answer of it. */
function amazon(body: string, sent: { method: string; target: string }[]): Storage {
  const transport = async ({ method, target }: { method: string; target: string }) => {
    sent.push({ method, target });
    const content = new TextEncoder().encode(body);
    return {
      status: 200,
      statusText: 'OK',
      headers: { 'content-length': String(content.byteLength) },
      body: (async function* () {
        yield content;
      })(),
      destroy: () => undefined,
    };
  };
  return new Storage(
    new S3Connection({ accessKeyId: 'a', secretAccessKey: 'b', defaultBucket: 'bucket' }, { transport }),
  );
}

// The samples of the pages of AWS's API reference, each with what it says.
const samples: readonly (readonly [method: string, xml: string, document: object])[] = [
  [
    'bucketGetEncryption',
    `<ServerSideEncryptionConfiguration ${namespace}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:us-east-1:1234/5678example</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
    {
      ServerSideEncryptionConfiguration: {
        Rule: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: 'arn:aws:kms:us-east-1:1234/5678example',
            },
          },
        ],
      },
    },
  ],
  [
    'bucketGetPublicAccessBlock',
    '<PublicAccessBlockConfiguration><BlockPublicAcls>TRUE</BlockPublicAcls><IgnorePublicAcls>FALSE</IgnorePublicAcls><BlockPublicPolicy>FALSE</BlockPublicPolicy><RestrictPublicBuckets>FALSE</RestrictPublicBuckets></PublicAccessBlockConfiguration>',
    {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: 'TRUE',
        IgnorePublicAcls: 'FALSE',
        BlockPublicPolicy: 'FALSE',
        RestrictPublicBuckets: 'FALSE',
      },
    },
  ],
  [
    'bucketGetOwnershipControls',
    `<OwnershipControls ${namespace}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`,
    { OwnershipControls: { Rule: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } },
  ],
  [
    'bucketGetAccelerate',
    `<AccelerateConfiguration ${namespace}><Status>Enabled</Status></AccelerateConfiguration>`,
    { AccelerateConfiguration: { Status: 'Enabled' } },
  ],
  [
    'bucketGetPolicyStatus',
    `<PolicyStatus ${namespace}><IsPublic>TRUE</IsPublic></PolicyStatus>`,
    { PolicyStatus: { IsPublic: 'TRUE' } },
  ],
  [
    'bucketGetReplication',
    `<ReplicationConfiguration ${namespace}><Rule><ID>rule1</ID><Status>Enabled</Status><Priority>1</Priority><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Filter><And><Prefix>TaxDocs</Prefix><Tag><Key>key1</Key><Value>value1</Value></Tag><Tag><Key>key1</Key><Value>value1</Value></Tag></And></Filter><Destination><Bucket>arn:aws:s3:::amzn-s3-demo-bucket</Bucket></Destination></Rule><Role>CrossRegionReplicationRoleForS3</Role></ReplicationConfiguration>`,
    {
      ReplicationConfiguration: {
        Rule: [
          {
            ID: 'rule1',
            Status: 'Enabled',
            Priority: '1',
            DeleteMarkerReplication: { Status: 'Disabled' },
            Filter: {
              And: {
                Prefix: 'TaxDocs',
                Tag: [
                  { Key: 'key1', Value: 'value1' },
                  { Key: 'key1', Value: 'value1' },
                ],
              },
            },
            Destination: { Bucket: 'arn:aws:s3:::amzn-s3-demo-bucket' },
          },
        ],
        Role: 'CrossRegionReplicationRoleForS3',
      },
    },
  ],
  [
    'objectGetTagging',
    `<Tagging ${namespace}><TagSet><Tag><Key>tag1</Key><Value>val1</Value></Tag></TagSet></Tagging>`,
    { Tagging: { TagSet: { Tag: [{ Key: 'tag1', Value: 'val1' }] } } },
  ],
  [
    'objectGetLegalHold',
    `<LegalHold ${namespace}><Status>ON</Status></LegalHold>`,
    { LegalHold: { Status: 'ON' } },
  ],
];

test.each(samples)('%s reads the sample of AWS’s documentation', async (name, xml, document) => {
  server.script(reply(200, xml));
  expect(await byName()[name]?.('bucket')).toEqual(document);
});

test.each(samples.filter(([name]) => name !== 'bucketGetPolicyStatus'))(
  '%s gives what its twin sends',
  async (name, xml, document) => {
    server.script(reply(200, xml));
    await byName()[name.replace('Get', 'Set')]?.('bucket', { data: document });
    const put = server.arrived.at(-1);
    expect(put?.method).toBe('PUT');
    expect(put?.headers['content-md5']).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    server.script(reply(200, put?.body.toString()));
    expect(await byName()[name]?.('bucket')).toEqual(document);
  },
);

describe('a family with ids', () => {
  const list = (ids: string[], token?: string): string =>
    `<ListInventoryConfigurationsResult ${namespace}>${ids
      .map(
        (id) =>
          `<InventoryConfiguration><Id>${id}</Id><IsEnabled>true</IsEnabled><OptionalFields><Field>Size</Field></OptionalFields></InventoryConfiguration>`,
      )
      .join('')}<IsTruncated>${token !== undefined}</IsTruncated>${
      token === undefined ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`
    }</ListInventoryConfigurationsResult>`;

  test('names one by its id', async () => {
    const storage = server.storage();
    server.script(refuse(404, 'NoSuchConfiguration'), reply(200));
    await storage.bucketSetInventory('bucket', 'a b', { data: { InventoryConfiguration: { Id: 'a b' } } });
    await storage.bucketDeleteInventory('bucket', 'a b');
    expect(lines()).toEqual([
      'GET /bucket?id=a%20b&inventory=',
      'PUT /bucket?id=a%20b&inventory=',
      'DELETE /bucket?id=a%20b&inventory=',
    ]);
  });

  test('refuses an id that is none', async () => {
    await expect(server.storage().bucketDeleteInventory('bucket', '')).rejects.toThrow(TypeError);
    expect(lines()).toEqual([]);
  });

  test('lists all, page by page, as they are asked for', async () => {
    server.script(reply(200, list(['a', 'b'], 't/1')), reply(200, list(['c'])));
    const ids: unknown[] = [];
    for await (const { InventoryConfiguration } of server.storage().bucketListInventory('bucket')) {
      ids.push(InventoryConfiguration);
    }
    expect(ids).toEqual(
      ['a', 'b', 'c'].map((Id) => ({ Id, IsEnabled: 'true', OptionalFields: { Field: ['Size'] } })),
    );
    expect(lines()).toEqual(['GET /bucket?inventory=', 'GET /bucket?continuation-token=t%2F1&inventory=']);
    server.script(reply(200, list(['a', 'b'], 't/1')));
    for await (const _ of server.storage().bucketListInventory('bucket')) break;
    expect(lines()).toHaveLength(1);
  });

  test('a list that goes on from where it began is an error', async () => {
    server.script(reply(200, list(['a'], 't')));
    const all = async (): Promise<void> => {
      for await (const _ of server.storage().bucketListInventory('bucket'));
    };
    await expect(all()).rejects.toThrow(/where this page began/);
    expect(lines()).toHaveLength(2);
  });
});

describe('a service that overlooks subresources', () => {
  // As Ceph 16.2 does: GET ?unknown lists the bucket or gives the object, DELETE deletes it, PUT makes it.
  const careless: Handler = (request, response) => {
    const isObject = /^\/bucket\/./.test(request.target);
    if (request.method !== 'GET') reply(204)(request, response);
    else if (isObject) reply(200, 'content')(request, response);
    else
      reply(200, `<ListBucketResult ${namespace}><Name>bucket</Name></ListBucketResult>`)(request, response);
  };

  const families = Object.entries({ bucket: bucketConfigurations, object: objectConfigurations }).flatMap(
    ([subject, table]) =>
      Object.entries(table)
        .filter(([, { known = 'all' }]) => known !== 'all')
        .flatMap(([family, { methods, id }]) =>
          methods.map((verb) => ({
            name: `${subject}${verb[0]?.toUpperCase()}${verb.slice(1)}${family[0]?.toUpperCase()}${family.slice(1)}`,
            verb,
            ids: id === undefined || verb === 'list' ? [] : ['id'],
          })),
        ),
  );

  test('there are such families', () => {
    expect(families.length).toBeGreaterThan(30);
  });

  test.each(families)('$name never reaches it as something else', async ({ name, verb, ids }) => {
    server.script(careless);
    const call = async (): Promise<unknown> => {
      const made = byName()[name]?.('bucket', ...ids, { data: 'x' });
      if (verb !== 'list') return made;
      for await (const one of made as unknown as AsyncIterable<unknown>) return one;
      return undefined;
    };
    await expect(call()).rejects.toMatchObject({ name: 'StorageError', code: 'NotImplemented' });
    expect(lines().filter((line) => !line.startsWith('GET '))).toEqual([]);
  });

  test('a question that is refused is the answer', async () => {
    server.script(refuse(403, 'AccessDenied'));
    const error = server.storage().bucketDeleteEncryption('bucket');
    await expect(error).rejects.toMatchObject({ code: 'AccessDenied', msg: 'bucketDeleteEncryption' });
    server.script(refuse(501, 'NotImplemented'));
    await expect(server.storage().bucketDeleteEncryption('bucket')).rejects.toMatchObject({ status: 501 });
    expect(lines()).toEqual(['GET /bucket?encryption=']);
  });

  test('what shows that it knows the family is asked for once, of each connection', async () => {
    const storage = server.storage();
    server.script(refuse(404, 'ServerSideEncryptionConfigurationNotFoundError'), reply(204));
    await storage.bucketDeleteEncryption('bucket', { expectedBucketOwner: '123456789012' });
    await storage.bucketDeleteEncryption('other');
    expect(lines()).toEqual([
      'GET /bucket?encryption=',
      'DELETE /bucket?encryption=',
      'DELETE /other?encryption=',
    ]);
    expect(server.arrived[0]?.headers['x-amz-expected-bucket-owner']).toBe('123456789012');
  });

  test('the object itself is not read to its end in place of what belongs to it', async () => {
    let sent = 0;
    server.script((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && sent < 1024 ** 3) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536, 'x'))) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const attributes = server.storage().objectGetAttributes('k');
    await expect(attributes).rejects.toMatchObject({ code: 'NotImplemented' });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('Ceph’s own name for the public access block is taken for it', async () => {
    server.script(
      reply(
        200,
        '<BlockPublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls></BlockPublicAccessBlockConfiguration>',
      ),
    );
    expect(await server.storage().bucketGetPublicAccessBlock('bucket')).toEqual({
      PublicAccessBlockConfiguration: { BlockPublicAcls: 'false' },
    });
  });
});

describe('Amazon', () => {
  test('is asked nothing before a change', async () => {
    const sent: { method: string; target: string }[] = [];
    const storage = amazon('', sent);
    await storage.bucketDeleteEncryption('bucket');
    await storage.bucketSetMetadata('bucket', { data: '<MetadataConfiguration/>' });
    await storage.objectSetEncryption('k', { data: '<ObjectEncryption/>', versionId: 'v' });
    await storage.objectSetAnnotation('k', 'note', { data: 'hello' });
    expect(sent.map(({ method, target }) => `${method} ${target}`)).toEqual([
      'DELETE /?encryption=',
      'POST /?metadataConfiguration=',
      'PUT /k?encryption=&versionId=v',
      'PUT /k?annotation=&annotationName=note',
    ]);
  });

  test('gives annotations', async () => {
    const sent: { method: string; target: string }[] = [];
    expect(await amazon('hello', sent).objectGetAnnotation('k', 'note')).toBe('hello');
    const list =
      '<ListObjectAnnotationsOutput><Annotations><AnnotationEntry><AnnotationName>note</AnnotationName><Size>5</Size></AnnotationEntry></Annotations></ListObjectAnnotationsOutput>';
    const names: unknown[] = [];
    for await (const { AnnotationName } of amazon(list, sent).objectListAnnotation('k'))
      names.push(AnnotationName);
    expect(names).toEqual(['note']);
  });
});

test('objectGetAttributes asks for all attributes, or for those that are named', async () => {
  const storage = server.storage();
  const xml =
    '<GetObjectAttributesResponse><ObjectParts><PartsCount>1</PartsCount><Part><PartNumber>1</PartNumber></Part></ObjectParts><ObjectSize>5</ObjectSize></GetObjectAttributesResponse>';
  server.script(reply(200, xml));
  expect(await storage.objectGetAttributes('k', { versionId: 'v' })).toEqual({
    GetObjectAttributesResponse: {
      ObjectParts: { PartsCount: '1', Part: [{ PartNumber: '1' }] },
      ObjectSize: '5',
    },
  });
  await storage.objectGetAttributes('k', { attributes: ['ETag', 'ObjectSize'] });
  expect(server.arrived.map(({ headers }) => headers['x-amz-object-attributes'])).toEqual([
    'ETag,Checksum,ObjectParts,StorageClass,ObjectSize',
    'ETag,ObjectSize',
  ]);
  expect(lines()[0]).toBe('GET /bucket/k?attributes=&versionId=v');
});
