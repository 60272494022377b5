import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, raw, testServer } from './endpoint.ts';

let server: S3Server;

beforeAll(async () => {
  server = await testServer();
  await raw(server, { method: 'PUT', target: '/families' });
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await raw(server, { method: 'PUT', target: '/families?versioning', body });
});

afterAll(async () => {
  await server.close();
});

async function told(method: string, query: string, body = ''): Promise<string> {
  const response = await raw(server, { method, target: `/families?${query}`, body });
  return [response.status, codeOf(response)].filter(Boolean).join(' ');
}

const inventory = (id: string) =>
  `<InventoryConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>${id}</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Format>CSV</Format><Bucket>arn:aws:s3:::reports</Bucket></S3BucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>`;

/** Family, what GET says when nothing was set, a document, one that S3 refuses, and the status of DELETE. */
const families: [family: string, none: string, good: string, bad: string, deleted: string][] = [
  [
    'accelerate',
    '200',
    '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>',
    '<AccelerateConfiguration><Status>Fast</Status></AccelerateConfiguration>',
    '405 MethodNotAllowed',
  ],
  [
    'encryption',
    '200',
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>ROT13</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
    '204',
  ],
  [
    'publicAccessBlock',
    '404 NoSuchPublicAccessBlockConfiguration',
    '<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls></PublicAccessBlockConfiguration>',
    '<PublicAccessBlockConfiguration><BlockPublicAcls>perhaps</BlockPublicAcls></PublicAccessBlockConfiguration>',
    '204',
  ],
  [
    'ownershipControls',
    '404 OwnershipControlsNotFoundError',
    '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>',
    '<OwnershipControls><Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule></OwnershipControls>',
    '204',
  ],
  [
    'replication',
    '404 ReplicationConfigurationNotFoundError',
    '<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status><Prefix/><Destination><Bucket>arn:aws:s3:::other</Bucket></Destination></Rule></ReplicationConfiguration>',
    '<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>',
    '204',
  ],
  [
    'object-lock',
    '404 ObjectLockConfigurationNotFoundError',
    '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
    '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years></DefaultRetention></Rule></ObjectLockConfiguration>',
    '405 MethodNotAllowed',
  ],
  [
    'inventory&id=a',
    '404 NoSuchConfiguration',
    inventory('a'),
    inventory('a').replace('Daily', 'Hourly'),
    '204',
  ],
  [
    'analytics&id=a',
    '404 NoSuchConfiguration',
    '<AnalyticsConfiguration><Id>a</Id><StorageClassAnalysis/></AnalyticsConfiguration>',
    '<AnalyticsConfiguration><Id>a</Id></AnalyticsConfiguration>',
    '204',
  ],
  [
    'metrics&id=a',
    '404 NoSuchConfiguration',
    '<MetricsConfiguration><Id>a</Id></MetricsConfiguration>',
    '<MetricsConfiguration/>',
    '204',
  ],
  [
    'intelligent-tiering&id=a',
    '404 NoSuchConfiguration',
    '<IntelligentTieringConfiguration><Id>a</Id><Status>Enabled</Status><Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>',
    '<IntelligentTieringConfiguration><Id>a</Id><Status>Enabled</Status></IntelligentTieringConfiguration>',
    '204',
  ],
];

test.each(families)(
  '%s: none, set, read as it was set, refused, deleted',
  async (family, none, good, bad, deleted) => {
    expect(await told('GET', family)).toBe(none);
    expect(await told('PUT', family, bad)).toBe('400 MalformedXML');
    expect(await told('GET', family)).toBe(none);
    expect(await told('PUT', family, good)).toBe('200');
    expect((await raw(server, { target: `/families?${family}` })).text).toBe(good);
    expect(await told('DELETE', family)).toBe(deleted);
    if (deleted === '204') expect(await told('GET', family)).toBe(none);
  },
);

test('a bucket where nothing was set says that S3 encrypts', async () => {
  const { text } = await raw(server, { target: '/families?encryption' });
  expect(text).toContain('<SSEAlgorithm>AES256</SSEAlgorithm>');
});

test('the configurations with ids are listed, in pages of 100', async () => {
  for (let index = 0; index < 101; index += 1) {
    const id = `i${String(index).padStart(3, '0')}`;
    expect(await told('PUT', `inventory&id=${id}`, inventory(id))).toBe('200');
  }
  const first = (await raw(server, { target: '/families?inventory' })).text;
  expect(first.match(/<Id>/g)).toHaveLength(100);
  expect(first).toContain('<IsTruncated>true</IsTruncated>');
  const token = /<NextContinuationToken>(.*?)</.exec(first)?.[1] ?? '';
  const second = (await raw(server, { target: `/families?inventory&continuation-token=${token}` })).text;
  expect(second.match(/<Id>(.*?)<\/Id>/g)).toEqual(['<Id>i100</Id>']);
  expect(second).toContain('<IsTruncated>false</IsTruncated>');
  expect((await raw(server, { target: '/families?analytics' })).text).toContain('<IsTruncated>false');
});

test('the id of the document is the id of the request', async () => {
  expect(await told('PUT', 'inventory&id=b', inventory('c'))).toBe('400 InvalidArgument');
  expect(await told('PUT', 'inventory', inventory('c'))).toBe('400 InvalidArgument');
  expect(await told('DELETE', 'inventory&id=none')).toBe('404 NoSuchConfiguration');
});
