import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeleteBucketWebsiteCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { permissions } from '../src/permissions.ts';
import { codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';

const Bucket = 'configured';
let server: S3Server;
let s3: S3Client;

beforeAll(async () => {
  server = await testServer();
  s3 = sdk(server);
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

/** What S3 tells of a family, without the parts that every answer has. */
async function told(promise: Promise<object>): Promise<object> {
  const { $metadata: _, ...rest } = (await promise) as { $metadata: unknown };
  return JSON.parse(JSON.stringify(rest));
}

test('cors', async () => {
  const read = () => s3.send(new GetBucketCorsCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchCORSConfiguration');
  const CORSRules = [
    {
      AllowedMethods: ['GET', 'PUT'],
      AllowedOrigins: ['https://a.example', '*'],
      AllowedHeaders: ['*'],
      MaxAgeSeconds: 60,
    },
    { AllowedMethods: ['HEAD'], AllowedOrigins: ['*'], ExposeHeaders: ['etag'] },
  ];
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  expect(await told(read())).toEqual({ CORSRules });
  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchCORSConfiguration');
});

test('lifecycle', async () => {
  const read = () => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchLifecycleConfiguration');
  const Rules = [
    { ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: 'logs/' }, Expiration: { Days: 30 } },
    {
      ID: 'parts',
      Status: 'Disabled' as const,
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  expect(await told(read())).toEqual({ Rules });
  await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchLifecycleConfiguration');
});

test('logging', async () => {
  const read = () => told(s3.send(new GetBucketLoggingCommand({ Bucket })));
  expect(await read()).toEqual({});
  const put = (TargetBucket: string) =>
    s3.send(
      new PutBucketLoggingCommand({
        Bucket,
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket, TargetPrefix: 'l/' } },
      }),
    );
  await put(Bucket);
  expect(await read()).toEqual({ LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: 'l/' } });
  expect(await refusal(put('not-here'))).toBe('400 InvalidTargetBucketForLogging');
});

test('notification', async () => {
  const read = () => told(s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })));
  expect(await read()).toEqual({});
  const NotificationConfiguration = {
    QueueConfigurations: [
      {
        Id: 'q',
        QueueArn: 'arn:aws:sqs:us-east-1:111122223333:q',
        Events: ['s3:ObjectCreated:*' as const],
        Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'a/' }] } },
      },
    ],
  };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  expect(await read()).toEqual(NotificationConfiguration);
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
  expect(await read()).toEqual({});
});

test('policy', async () => {
  const read = () => s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchBucketPolicy');
  const Policy = `{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::${Bucket}/*" }] }`;
  const put = await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  expect(put.$metadata.httpStatusCode).toBe(204);
  expect((await read()).Policy).toBe(Policy);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchBucketPolicy');
});

const own = `arn:aws:s3:::${Bucket}`;

test.each([
  ['an action that there is not', 's3:Nope', `${own}/*`, 'Policy has invalid action'],
  ['the name of an operation', ['s3:GetObject', 's3:HeadObject'], `${own}/*`, 'Policy has invalid action'],
  ['a wildcard that fits none', 's3:Nope*', `${own}/*`, 'Policy has invalid action'],
  ['objects, of the bucket', 's3:GetObject', own, 'Action does not apply'],
  ['the bucket, of objects', ['s3:GetObject', 's3:ListBucket'], `${own}/*`, 'Action does not apply'],
  ['all reading of objects, of the bucket', 's3:GetObject*', own, 'Action does not apply'],
  ['both of both', ['s3:GetObject', 's3:ListBucket'], [own, `${own}/*`], ''],
  ['all', 's3:*', `${own}/*`, ''],
  ['everything', '*', own, ''],
  ['all reading', 's3:Get*', `${own}/a/*`, ''],
  ['in other letters', 'S3:getobject', `${own}/*`, ''],
  ['a wildcard behind the name', ['s3:GetObject', 's3:ListBucket'], `${own}*`, ''],
  ['all resources', ['s3:GetObject', 's3:ListBucket'], '*', ''],
  ['of another partition', 's3:GetObject', `arn:aws-cn:s3:::${Bucket}/*`, ''],
  ['for replication', ['s3:ReplicateObject', 's3:ReplicateTags'], `${own}/*`, ''],
  ['of access points', 's3:PutAccessPointPolicy', `${own}/*`, ''],
])('policy with an action: %s', async (_, Action, Resource, problem) => {
  const statement = { Effect: 'Allow', Principal: '*', Action, Resource };
  const body = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { status, text } = await raw(server, { method: 'PUT', target: `/${Bucket}?policy`, body });
  expect(status).toBe(problem === '' ? 204 : 400);
  expect(text).toContain(problem);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
});

test('every action that the server asks for may be in a policy', async () => {
  const asked = [...permissions.values()].flatMap(({ action, versionAction = action }) => [
    action,
    versionAction,
  ]);
  const Action = asked.filter((action) => action.startsWith('s3:'));
  const statement = { Effect: 'Allow', Principal: '*', Action, Resource: [own, `${own}/*`] };
  const body = JSON.stringify({ Statement: [statement] });
  expect((await raw(server, { method: 'PUT', target: `/${Bucket}?policy`, body })).status).toBe(204);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
});

test('requestPayment', async () => {
  const read = () => told(s3.send(new GetBucketRequestPaymentCommand({ Bucket })));
  expect(await read()).toEqual({ Payer: 'BucketOwner' });
  await s3.send(
    new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: 'Requester' } }),
  );
  expect(await read()).toEqual({ Payer: 'Requester' });
});

test('tagging', async () => {
  const read = () => s3.send(new GetBucketTaggingCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchTagSet');
  const TagSet = [{ Key: 'team', Value: 'storage' }];
  const put = await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  expect(put.$metadata.httpStatusCode).toBe(204);
  expect(await told(read())).toEqual({ TagSet });
  await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchTagSet');
});

test('versioning', async () => {
  const read = () => told(s3.send(new GetBucketVersioningCommand({ Bucket })));
  expect(await read()).toEqual({});
  for (const Status of ['Enabled', 'Suspended'] as const) {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    expect(await read()).toEqual({ Status });
  }
});

test('website', async () => {
  const read = () => s3.send(new GetBucketWebsiteCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchWebsiteConfiguration');
  const WebsiteConfiguration = {
    IndexDocument: { Suffix: 'index.html' },
    ErrorDocument: { Key: 'error.html' },
    RoutingRules: [{ Condition: { KeyPrefixEquals: 'a/' }, Redirect: { ReplaceKeyPrefixWith: 'b/' } }],
  };
  await s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
  expect(await told(read())).toEqual(WebsiteConfiguration);
  await s3.send(new DeleteBucketWebsiteCommand({ Bucket }));
  expect(await refusal(read())).toBe('404 NoSuchWebsiteConfiguration');
});

test('acl', async () => {
  const read = () => s3.send(new GetBucketAclCommand({ Bucket }));
  const { Owner, Grants } = await read();
  const full = { Grantee: { Type: 'CanonicalUser', ID: Owner?.ID }, Permission: 'FULL_CONTROL' };
  expect(Grants).toMatchObject([full]);
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read-write' }));
  const everyone = { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' };
  expect((await read()).Grants).toMatchObject([
    full,
    { Grantee: everyone, Permission: 'READ' },
    { Grantee: everyone, Permission: 'WRITE' },
  ]);
  await s3.send(new PutBucketAclCommand({ Bucket, GrantRead: `id="${Owner?.ID}", uri="${everyone.URI}"` }));
  expect((await read()).Grants).toMatchObject([
    { Grantee: { Type: 'CanonicalUser', ID: Owner?.ID }, Permission: 'READ' },
    { Grantee: everyone, Permission: 'READ' },
  ]);
  // What was read can be written again.
  const { Grants: asRead } = await read();
  await s3.send(
    new PutBucketAclCommand({
      Bucket,
      AccessControlPolicy: { ...(Owner ? { Owner } : {}), ...(asRead ? { Grants: asRead } : {}) },
    }),
  );
  expect((await read()).Grants).toEqual(asRead);
  await s3.send(new CreateBucketCommand({ Bucket: 'born-public', ACL: 'public-read' }));
  const born = await s3.send(new GetBucketAclCommand({ Bucket: 'born-public' }));
  expect(born.Grants).toMatchObject([full, { Grantee: everyone, Permission: 'READ' }]);
});

const document = (root: string, content: string): string => `<${root}>${content}</${root}>`;

const refused: [string, string, string][] = [
  ['cors', '<CORSConfiguration/>', '400 MalformedXML'],
  ['cors', '<Other/>', '400 MalformedXML'],
  ['cors', '<CORSConfiguration><CORSRule></CORSConfiguration>', '400 MalformedXML'],
  ['cors', '', '400 MalformedXML'],
  [
    'cors',
    document(
      'CORSConfiguration',
      '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>',
    ),
    '400 InvalidRequest',
  ],
  ['cors', '<!DOCTYPE a [<!ENTITY b "c">]><CORSConfiguration/>', '400 MalformedXML'],
  [
    'lifecycle',
    document('LifecycleConfiguration', '<Rule><Status>Enabled</Status></Rule>'),
    '400 MalformedXML',
  ],
  [
    'lifecycle',
    document('LifecycleConfiguration', '<Rule><Status>Enabled</Status><Filter/></Rule>'),
    '400 InvalidRequest',
  ],
  [
    'logging',
    document('BucketLoggingStatus', '<LoggingEnabled><TargetBucket>b</TargetBucket></LoggingEnabled>'),
    '400 MalformedXML',
  ],
  ['notification', document('NotificationConfiguration', '<Strange/>'), '400 MalformedXML'],
  ['policy', 'not json', '400 MalformedPolicy'],
  ['policy', '{}', '400 MalformedPolicy'],
  ['policy', '{"Statement":[]}', '400 MalformedPolicy'],
  [
    'policy',
    '{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}]}',
    '400 MalformedPolicy',
  ],
  ['policy', '{"Statement":[{"Effect":"Allow","Principal":"*","Resource":"*"}]}', '400 MalformedPolicy'],
  ['requestPayment', document('RequestPaymentConfiguration', '<Payer>Nobody</Payer>'), '400 MalformedXML'],
  ['tagging', document('Tagging', ''), '400 MalformedXML'],
  ['tagging', document('Tagging', '<TagSet><Tag><Key>aws:x</Key><Value/></Tag></TagSet>'), '400 InvalidTag'],
  ['versioning', document('VersioningConfiguration', '<Status>On</Status>'), '400 MalformedXML'],
  ['versioning', document('VersioningConfiguration', ''), '400 IllegalVersioningConfigurationException'],
  [
    'versioning',
    document('VersioningConfiguration', '<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>'),
    '501 NotImplemented',
  ],
  ['website', document('WebsiteConfiguration', ''), '400 MalformedXML'],
  [
    'website',
    document('WebsiteConfiguration', '<IndexDocument><Suffix>a/b</Suffix></IndexDocument>'),
    '400 InvalidArgument',
  ],
  ...['99', '200', '300', '3xx', '400'].map((code): (typeof refused)[number] => [
    'website',
    document(
      'WebsiteConfiguration',
      `<IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect><HttpRedirectCode>${code}</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>`,
    ),
    '400 InvalidRequest',
  ]),
  ['acl', document('AccessControlPolicy', ''), '400 MalformedACLError'],
  [
    'acl',
    document(
      'AccessControlPolicy',
      '<Owner><ID>x</ID></Owner><AccessControlList><Grant><Grantee><ID>x</ID></Grantee><Permission>ALL</Permission></Grant></AccessControlList>',
    ),
    '400 MalformedACLError',
  ],
];

test.each(refused)('PUT ?%s refuses %s', async (family, body, expected) => {
  const response = await raw(server, { method: 'PUT', target: `/${Bucket}?${family}`, body });
  expect(`${response.status} ${codeOf(response)}`).toBe(expected);
});

/** A lifecycle document of one rule with these contents, behind a filter for everything. */
const lifecycle = (contents: string, filter = '<Filter/>') =>
  `<LifecycleConfiguration><Rule>${filter}<Status>Enabled</Status>${contents}</Rule></LifecycleConfiguration>`;
const expiration = (when: string) => lifecycle(`<Expiration>${when}</Expiration>`);
const transition = (when: string, storageClass = 'GLACIER') =>
  lifecycle(`<Transition>${when}<StorageClass>${storageClass}</StorageClass></Transition>`);
const moveAndGo = (moved: string, gone: string) =>
  lifecycle(
    `<Expiration>${gone}</Expiration><Transition>${moved}<StorageClass>GLACIER</StorageClass></Transition>`,
  );
const marker = '<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>';
const midnight = '<Date>2030-01-01T00:00:00Z</Date>';
const tag = '<Tag><Key>a</Key><Value>b</Value></Tag>';

/** The status and the code of the answer to a configuration. */
async function answerTo(family: string, body: string): Promise<string> {
  const response = await raw(server, { method: 'PUT', target: `/${Bucket}?${family}`, body });
  return `${response.status} ${codeOf(response) ?? ''}`.trim();
}

test.each([
  ['no days', expiration('<Days>0</Days>'), '400 InvalidArgument'],
  ['days that have passed', expiration('<Days>-1</Days>'), '400 InvalidArgument'],
  ['half a day', expiration('<Days>0.5</Days>'), '400 MalformedXML'],
  ['more days than fit', expiration('<Days>2147483648</Days>'), '400 MalformedXML'],
  ['days and a date', expiration(`<Days>1</Days>${midnight}`), '400 MalformedXML'],
  ['days and delete markers', expiration(`<Days>1</Days>${marker}`), '400 MalformedXML'],
  ['an expiration without a time', expiration(''), '400 MalformedXML'],
  ['a date with a time', expiration('<Date>2030-01-01T12:00:00Z</Date>'), '400 InvalidArgument'],
  ['a midnight elsewhere', expiration('<Date>2030-01-01T00:00:00+02:00</Date>'), '400 InvalidArgument'],
  ['no date', expiration('<Date>tomorrow</Date>'), '400 MalformedXML'],
  ['a storage class that is none', transition('<Days>30</Days>', 'NOPE'), '400 MalformedXML'],
  ['a transition back', transition('<Days>30</Days>', 'STANDARD'), '400 MalformedXML'],
  ['a transition in the past', transition('<Days>-1</Days>'), '400 InvalidArgument'],
  ['a transition without a time', transition(''), '400 MalformedXML'],
  ['a transition with two times', transition(`<Days>1</Days>${midnight}`), '400 MalformedXML'],
  [
    'old versions at once',
    lifecycle(
      '<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>',
    ),
    '400 InvalidArgument',
  ],
  [
    'old versions without a time',
    lifecycle(
      '<NoncurrentVersionExpiration><NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration>',
    ),
    '400 MalformedXML',
  ],
  [
    'a storage class that is none, for old versions',
    lifecycle(
      '<NoncurrentVersionTransition><NoncurrentDays>3</NoncurrentDays><StorageClass>NOPE</StorageClass></NoncurrentVersionTransition>',
    ),
    '400 MalformedXML',
  ],
  [
    'uploads at once',
    lifecycle(
      '<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
    ),
    '400 InvalidArgument',
  ],
  [
    'uploads by their tags',
    lifecycle(
      '<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      `<Filter>${tag}</Filter>`,
    ),
    '400 InvalidRequest',
  ],
  [
    'delete markers by their tags',
    lifecycle(`<Expiration>${marker}</Expiration>`, `<Filter><And><Prefix>a</Prefix>${tag}</And></Filter>`),
    '400 InvalidRequest',
  ],
  [
    'a filter for two things',
    lifecycle('<Expiration><Days>1</Days></Expiration>', `<Filter><Prefix>a</Prefix>${tag}</Filter>`),
    '400 MalformedXML',
  ],
  [
    'a long ID',
    lifecycle(`<ID>${'i'.repeat(256)}</ID><Expiration><Days>1</Days></Expiration>`),
    '400 InvalidArgument',
  ],
  ['a date', expiration(midnight), '200'],
  ['a date without a time', expiration('<Date>2030-01-01</Date>'), '200'],
  ['delete markers', expiration(marker), '200'],
  ['a transition at once', transition('<Days>0</Days>', 'GLACIER_IR'), '200'],
  ['rarely used after a day', transition('<Days>1</Days>', 'STANDARD_IA'), '400 InvalidArgument'],
  ['rarely used after 29 days', transition('<Days>29</Days>', 'ONEZONE_IA'), '400 InvalidArgument'],
  ['rarely used after 30 days', transition('<Days>30</Days>', 'STANDARD_IA'), '200'],
  ['rarely used from a date on', transition(midnight, 'STANDARD_IA'), '200'],
  ['gone before it moves', moveAndGo('<Days>90</Days>', '<Days>30</Days>'), '400 InvalidArgument'],
  ['gone when it moves', moveAndGo('<Days>90</Days>', '<Days>90</Days>'), '400 InvalidArgument'],
  ['gone on the day of its move', moveAndGo(midnight, midnight), '400 InvalidArgument'],
  ['gone after it moved', moveAndGo('<Days>90</Days>', '<Days>91</Days>'), '200'],
  ['gone on a day after its move', moveAndGo(midnight, '<Date>2030-01-02</Date>'), '200'],
  [
    'a long but possible ID',
    lifecycle(`<ID>${'i'.repeat(255)}</ID><Expiration><Days>1</Days></Expiration>`),
    '200',
  ],
])('lifecycle: %s', async (_, body, expected) => {
  expect(await answerTo('lifecycle', body)).toBe(expected);
});

const rule = (id: string) =>
  `<Rule><ID>${id}</ID><Prefix>${id}</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>`;

test.each([
  [1000, '200'],
  [1001, '400 InvalidRequest'],
])('lifecycle: %i rules', async (count, expected) => {
  const rules = Array.from({ length: count }, (_, index) => rule(`rule-${index}`)).join('');
  const body = `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`;
  expect(await answerTo('lifecycle', body)).toBe(expected);
});

const queue = (events: string[], filter = '', arn = 'arn:aws:sqs:us-east-1:111122223333:q') =>
  `<QueueConfiguration><Queue>${arn}</Queue>${events.map((name) => `<Event>${name}</Event>`).join('')}${filter}</QueueConfiguration>`;
const topic = (event: string, filter = '') =>
  `<TopicConfiguration><Topic>arn:aws-cn:sns:cn-north-1:111122223333:t</Topic><Event>${event}</Event>${filter}</TopicConfiguration>`;
const keys = (...rules: [string, string][]) =>
  `<Filter><S3Key>${rules.map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`).join('')}</S3Key></Filter>`;
const created = ['s3:ObjectCreated:*'];

test.each([
  ['no ARN', queue(created, '', 'not-an-arn'), '400 InvalidArgument'],
  ['an ARN of another service', queue(created, '', 'arn:aws:sns:us-east-1:1:t'), '400 InvalidArgument'],
  ['an event that there is not', queue(['s3:Bogus:*']), '400 InvalidArgument'],
  ['an event without s3:', queue(['ObjectCreated:Put']), '400 InvalidArgument'],
  ['another filter', queue(created, keys(['infix', 'a'])), '400 InvalidArgument'],
  ['two prefixes', queue(created, keys(['prefix', 'a'], ['Prefix', 'b'])), '400 InvalidArgument'],
  ['an event for two', queue(created) + topic('s3:ObjectCreated:*'), '400 InvalidArgument'],
  ['a part of the events for two', queue(created) + topic('s3:ObjectCreated:Put'), '400 InvalidArgument'],
  [
    'prefixes and suffixes that overlap',
    queue(created, keys(['prefix', 'images/'], ['suffix', 'pg'])) +
      topic('s3:ObjectCreated:Put', keys(['prefix', 'images/new/'], ['suffix', 'jpg'])),
    '400 InvalidArgument',
  ],
  [
    'one of two without a filter',
    queue(created, keys(['prefix', 'a'])) + topic('s3:ObjectCreated:Put'),
    '400 InvalidArgument',
  ],
  ['two for different events', queue(created) + topic('s3:ObjectRemoved:*'), '200'],
  [
    'two for different prefixes',
    queue(created, keys(['Prefix', 'a'])) + topic('s3:ObjectCreated:*', keys(['prefix', 'b'])),
    '200',
  ],
  [
    'two for different suffixes of one prefix',
    queue(created, keys(['prefix', 'a'], ['suffix', '.jpg'])) +
      topic('s3:ObjectCreated:*', keys(['prefix', 'a'], ['suffix', '.png'])),
    '200',
  ],
  [
    'events of all kinds',
    queue(['s3:ObjectCreated:Put', 's3:ObjectAcl:Put', 's3:LifecycleTransition', 's3:Replication:*']),
    '200',
  ],
  [
    'a function, and all events on the bus',
    '<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:111122223333:function:f:2</CloudFunction><Event>s3:ObjectRestore:Post</Event></CloudFunctionConfiguration><EventBridgeConfiguration/>',
    '200',
  ],
])('notification: %s', async (_, configurations, expected) => {
  const body = `<NotificationConfiguration>${configurations}</NotificationConfiguration>`;
  expect(await answerTo('notification', body)).toBe(expected);
});

const cors = (contents: string) =>
  `<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>${contents}</CORSRule>`;

test.each([
  ['two wildcards in an origin', cors('<AllowedOrigin>*.example.*</AllowedOrigin>'), '400 InvalidRequest'],
  ['two wildcards in a header', cors('<AllowedHeader>x-*-*</AllowedHeader>'), '400 InvalidRequest'],
  ['a wildcard in an exposed header', cors('<ExposeHeader>x-*</ExposeHeader>'), '400 InvalidRequest'],
  ['another method', cors('<AllowedMethod>OPTIONS</AllowedMethod>'), '400 InvalidRequest'],
  ['an age that is no number', cors('<MaxAgeSeconds>long</MaxAgeSeconds>'), '400 MalformedXML'],
  ['a long ID', cors(`<ID>${'i'.repeat(256)}</ID>`), '400 InvalidRequest'],
  ['two rules of one ID', cors('<ID>a</ID>') + cors('<ID>a</ID>'), '400 InvalidRequest'],
  ['101 rules', cors('').repeat(101), '400 InvalidRequest'],
  ['100 rules', cors('').repeat(100), '200'],
  ['one wildcard', cors('<AllowedHeader>x-*</AllowedHeader><MaxAgeSeconds>60</MaxAgeSeconds>'), '200'],
])('cors: %s', async (_, rules, expected) => {
  expect(await answerTo('cors', `<CORSConfiguration>${rules}</CORSConfiguration>`)).toBe(expected);
});

test('a document of more than 1 MiB is refused', async () => {
  const body = document('Tagging', ' '.repeat(1024 ** 2));
  const response = await raw(server, { method: 'PUT', target: `/${Bucket}?tagging`, body });
  expect([response.status, codeOf(response)]).toEqual([400, 'MaxMessageLengthExceeded']);
});

const notHere: [string, string][] = [
  ['GET', '?metadataTable'],
  ['PUT', '?abac'],
  ['GET', '?session'],
  ['GET', '/key?torrent'],
  ['POST', '/key?select&select-type=2'],
  ['PUT', '/key?renameObject'],
];

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
const notAllowed: [method: string, rest: string, allowed: string][] = [
  ['DELETE', '?acl', 'GET, PUT'],
  ['POST', '?versions', 'GET'],
  ['DELETE', '/key?retention', 'GET, PUT'],
  ['POST', '/key', 'GET, HEAD, PUT, DELETE'],
  ['PATCH', '/key', 'GET, HEAD, PUT, DELETE'],
];

test.each(notAllowed)('%s %s is no method of what is there', async (method, rest, allowed) => {
  await raw(server, { method: 'PUT', target: '/untouched' });
  await raw(server, { method: 'PUT', target: '/untouched/key', body: 'x' });
  const response = await raw(server, { method, target: `/untouched${rest}` });
  expect([response.status, codeOf(response), response.headers['allow']]).toEqual([
    405,
    'MethodNotAllowed',
    allowed,
  ]);
  expect((await raw(server, { target: '/untouched/key' })).text).toBe('x');
});

test.each(notHere)('%s %s is not here, says so, and does nothing else', async (method, rest) => {
  await raw(server, { method: 'PUT', target: '/untouched' });
  await raw(server, { method: 'PUT', target: '/untouched/key', body: 'x' });
  const response = await raw(server, { method, target: `/untouched${rest}` });
  expect([response.status, codeOf(response)]).toEqual([501, 'NotImplemented']);
  expect((await raw(server, { target: '/untouched/key' })).text).toBe('x');
});

test.each(['x-amz-if-match-size', 'x-amz-if-match-last-modified-time', 'x-amz-mfa'])(
  'a deletion with %s, which is not here, deletes nothing',
  async (name) => {
    await raw(server, { method: 'PUT', target: '/untouched' });
    await raw(server, { method: 'PUT', target: '/untouched/key', body: 'x' });
    const response = await raw(server, {
      method: 'DELETE',
      target: '/untouched/key',
      headers: { [name]: '9' },
    });
    expect([response.status, codeOf(response)]).toEqual([501, 'NotImplemented']);
    expect((await raw(server, { target: '/untouched/key' })).text).toBe('x');
  },
);

test('two subresources at once are refused, parameters of clients are ignored', async () => {
  const both = await raw(server, { target: `/${Bucket}?acl&cors` });
  expect([both.status, codeOf(both)]).toEqual([400, 'InvalidArgument']);
  expect((await raw(server, { target: `/${Bucket}?x-id=ListObjects` })).status).toBe(200);
});
