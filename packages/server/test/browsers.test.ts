import { contentLengthRange, SigningIdentity, signPostForm } from '@s3kit/sigv4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { alice, codeOf, type RawRequest, type RawResponse, raw, testServer } from './endpoint.ts';

const identity = new SigningIdentity({ region: 'us-east-1', credentials: alice });
/** How a form asks for the name of its file. */
const fileName = '$' + '{filename}';
let server: S3Server;

beforeAll(async () => {
  server = await testServer({ buckets: ['forms', 'open', 'shared', 'site', 'moved'] });
  await raw(server, { method: 'PUT', target: '/open?acl', headers: { 'x-amz-acl': 'public-read-write' } });
});

afterAll(async () => {
  await server.close();
});

type Fields = Record<string, string>;

function formFor(
  key: string,
  fields: Fields = {},
  conditions: Parameters<typeof signPostForm>[1]['conditions'] = [],
): Fields {
  return signPostForm(identity, { bucket: 'forms', key, fields, conditions }).fields;
}

async function post(fields: Fields, file: string | undefined, bucket = 'forms'): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', new Blob([file]), 'holiday photo.txt');
  return fetch(`${server.endpoint}/${bucket}`, { method: 'POST', body: form, redirect: 'manual' });
}

async function refusalOf(response: Response): Promise<string> {
  return `${response.status} ${/<Code>(.*?)</.exec(await response.text())?.[1]}`;
}

test('a signed form uploads a file, with its metadata, and says so as it was asked', async () => {
  const fields = { 'Content-Type': 'text/x', 'x-amz-meta-a': 'b', success_action_status: '201' };
  const response = await post(formFor(`up/${fileName}`, fields), 'the file');
  expect(response.status).toBe(201);
  const text = await response.text();
  expect(text).toContain('<Bucket>forms</Bucket><Key>up/holiday photo.txt</Key>');
  const got = await raw(server, { target: '/forms/up/holiday%20photo.txt' });
  expect([got.text, got.headers['content-type'], got.headers['x-amz-meta-a']]).toEqual([
    'the file',
    'text/x',
    'b',
  ]);
  const redirect = formFor('back', { success_action_redirect: 'http://a.example/done?x=1' });
  const redirected = await post(redirect, 'x');
  expect([redirected.status, redirected.headers.get('location')]).toEqual([
    303,
    `http://a.example/done?x=1&bucket=forms&key=back&etag=${encodeURIComponent('"9dd4e461268c8034f5c8564e155c67a6"')}`,
  ]);
  expect((await post(formFor('plain'), 'x')).status).toBe(204);
});

test('a form that was changed, or breaks its policy, is refused and stores nothing', async () => {
  const signed = formFor('k');
  const wrong = { ...signed, 'x-amz-signature': '0'.repeat(64) };
  expect(await refusalOf(await post(wrong, 'x'))).toBe('403 SignatureDoesNotMatch');
  expect(await refusalOf(await post({ ...signed, key: 'other' }, 'x'))).toBe('403 AccessDenied');
  expect(await refusalOf(await post({ ...signed, 'x-amz-meta-extra': 'x' }, 'x'))).toBe('403 AccessDenied');
  expect(await refusalOf(await post(signed, undefined))).toBe('400 InvalidArgument');
  expect(
    await refusalOf(
      await post(
        { ...signed, 'x-amz-credential': signed['x-amz-credential']?.replace('alice', 'carol') ?? '' },
        'x',
      ),
    ),
  ).toMatch(/^403/);
  expect((await raw(server, { target: '/forms/k' })).status).toBe(404);
});

test('the size of the file has to be in the range of the policy', async () => {
  const fields = formFor('sized', {}, [contentLengthRange(2, 4)]);
  expect(await refusalOf(await post(fields, 'x'))).toBe('400 EntityTooSmall');
  expect(await refusalOf(await post(fields, 'xxxxx'))).toBe('400 EntityTooLarge');
  expect((await raw(server, { target: '/forms/sized' })).status).toBe(404);
  expect((await post(fields, 'xxx')).status).toBe(204);
});

test('without a signature a form needs a bucket that is open to all', async () => {
  expect(await refusalOf(await post({ key: 'k' }, 'x'))).toBe('403 AccessDenied');
  expect((await post({ key: `by/${fileName}` }, 'anybody', 'open')).status).toBe(204);
  expect((await raw(server, { target: '/open?list-type=2' })).text).toContain(
    '<Key>by/holiday photo.txt</Key>',
  );
  expect(await refusalOf(await post({}, 'x', 'open'))).toBe('400 InvalidArgument');
});

/** A form as it goes over the wire, sent in pieces that cut its delimiters. */
async function postRaw(body: string, type = 'multipart/form-data; boundary=B'): Promise<RawResponse> {
  return raw(server, {
    method: 'POST',
    target: '/open',
    headers: { 'content-type': type },
    body,
    user: null,
  });
}

const part = (name: string, value: string) =>
  `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

test('what looks like a delimiter inside of the file is part of it, and fields behind it are ignored', async () => {
  const content = '\r\n--A\r\n--\r\n-\r--B';
  const body = `${part('key', 'tricky')}${part('file', content)}${part('x-amz-meta-late', 'x')}--B--\r\n`;
  expect((await postRaw(body)).status).toBe(204);
  const got = await raw(server, { target: '/open/tricky', user: alice });
  expect([got.status, got.headers['x-amz-meta-late']]).toEqual([403, undefined]);
  const list = await raw(server, { target: '/open' });
  expect(list.text).toMatch(new RegExp(`<Key>tricky</Key>.*?<Size>${content.length}</Size>`));
});

test('a form that sets an ACL or tags needs the permission for these too', async () => {
  const statement = (action: string) => ({
    Effect: 'Allow',
    Principal: '*',
    Action: action,
    Resource: 'arn:aws:s3:::forms/*',
  });
  const allow = async (...actions: string[]) => {
    const body = JSON.stringify({ Version: '2012-10-17', Statement: actions.map(statement) });
    expect((await raw(server, { method: 'PUT', target: '/forms?policy', body })).status).toBe(204);
  };
  const tagging = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
  await allow('s3:PutObject');
  expect((await post({ key: 'open' }, 'x')).status).toBe(204);
  expect(await refusalOf(await post({ key: 'acl', acl: 'public-read' }, 'x'))).toBe('403 AccessDenied');
  expect(await refusalOf(await post({ key: 'tags', tagging }, 'x'))).toBe('403 AccessDenied');
  await allow('s3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging');
  expect((await post({ key: 'acl', acl: 'public-read' }, 'x')).status).toBe(204);
  expect((await post({ key: 'tags', tagging }, 'x')).status).toBe(204);
  await raw(server, { method: 'DELETE', target: '/forms?policy' });
});

test.each([
  ['is no form', 'hello', '400 MalformedPOSTRequest'],
  [
    'ends in a field',
    '--B\r\nContent-Disposition: form-data; name="key"\r\n\r\nabc',
    '400 MalformedPOSTRequest',
  ],
  [
    'ends in the file',
    `${part('key', 'k')}--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc`,
    '400 IncompleteBody',
  ],
  [
    'has a part without a name',
    '--B\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--B--',
    '400 MalformedPOSTRequest',
  ],
  ['has fields of more than 20 KB', part('key', 'k'.repeat(21_000)), '400 MaxPostPreDataLengthExceeded'],
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html: boundaries count as well.
  ['has fields of nothing without an end', part('', '').repeat(1000), '400 MaxPostPreDataLengthExceeded'],
  [
    'has long heads',
    `--B\r\nX: ${'x'.repeat(10_000)}\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n`.repeat(3),
    '400 MaxPostPreDataLengthExceeded',
  ],
  ['has many fields', part('x-ignore-a', 'k'.repeat(1000)).repeat(30), '400 MaxPostPreDataLengthExceeded'],
])('a form that %s is refused', async (_, body, expected) => {
  const response = await postRaw(body);
  expect(`${response.status} ${codeOf(response)}`).toBe(expected);
});

test.each([
  ['x-amz-meta-a', 'two\nlines'],
  ['Content-Type', 'text/x\r\nx: y'],
  ['x-amz-meta-two words', 'x'],
])('a form is refused whose field %s no header could give back', async (name, value) => {
  const response = await postRaw(
    `${part('key', 'unheard')}${part(name, value)}${part('file', 'x')}--B--\r\n`,
  );
  expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  expect((await raw(server, { target: '/open?prefix=unheard' })).text).not.toContain('<Key>');
});

test('a POST that is no form at all is refused', async () => {
  const response = await postRaw('key=k', 'application/x-www-form-urlencoded');
  expect([response.status, codeOf(response)]).toEqual([412, 'PreconditionFailed']);
});

const cors = `<CORSConfiguration>
  <CORSRule><AllowedOrigin>https://*.a.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>
  <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>
</CORSConfiguration>`;

function ask(origin: string, method: string, headers?: string): RawRequest {
  return {
    method: 'OPTIONS',
    target: '/shared/k',
    user: null,
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
    },
  };
}

test('preflights are answered by the rules of the bucket', async () => {
  const closed = await raw(server, ask('https://x.a.example', 'PUT'));
  expect([closed.status, codeOf(closed)]).toEqual([403, 'AccessForbidden']);
  await raw(server, { method: 'PUT', target: '/shared?cors', body: cors });
  const open = await raw(server, ask('https://x.a.example', 'PUT', 'X-Amz-Date, x-amz-acl'));
  expect(open.status).toBe(200);
  expect(open.headers).toMatchObject({
    'access-control-allow-origin': 'https://x.a.example',
    'access-control-allow-methods': 'PUT, GET',
    'access-control-allow-headers': 'x-amz-date, x-amz-acl',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag',
    'access-control-max-age': '60',
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  });
  for (const request of [
    ask('https://b.example', 'PUT'),
    ask('https://x.a.example', 'DELETE'),
    ask('https://x.a.example', 'PUT', 'content-type'),
  ]) {
    const refused = await raw(server, request);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'AccessForbidden']);
  }
  const bare = await raw(server, { method: 'OPTIONS', target: '/shared/k', user: null });
  expect([bare.status, codeOf(bare)]).toEqual([400, 'BadRequest']);
});

test('answers, and refusals too, carry the headers that a script needs to see them', async () => {
  for (const target of ['/shared?list-type=2', '/shared/missing']) {
    const { headers } = await raw(server, { target, headers: { origin: 'https://b.example' } });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  }
  const other = await raw(server, {
    method: 'DELETE',
    target: '/shared/x',
    headers: { origin: 'https://b.example' },
  });
  expect(other.headers['access-control-allow-origin']).toBeUndefined();
  const none = await raw(server, { target: '/shared/missing' });
  expect(none.headers['access-control-allow-origin']).toBeUndefined();
});

test('an answer that no header can tell of is a failure of the server, and no silence', async () => {
  const body =
    '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>\u65e5</ExposeHeader></CORSRule></CORSConfiguration>';
  await raw(server, { method: 'PUT', target: '/odd' });
  await raw(server, { method: 'PUT', target: '/odd?cors', body });
  await raw(server, { method: 'PUT', target: '/odd/k', body: 'x' });
  const recording = server.record();
  const answer = await raw(server, { target: '/odd/k', headers: { origin: 'https://b.example' } });
  expect([answer.status, codeOf(answer)]).toEqual([500, 'InternalError']);
  await expect.poll(() => recording.requests).toMatchObject([{ status: 500, errorCode: 'InternalError' }]);
  recording.stop();
  expect((await raw(server, { target: '/odd/k' })).text).toBe('x');
});

const website = `<WebsiteConfiguration>
  <IndexDocument><Suffix>index.html</Suffix></IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument>
  <RoutingRules>
    <RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith></Redirect></RoutingRule>
    <RoutingRule><Condition><KeyPrefixEquals>lost/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>b.example</HostName><Protocol>https</Protocol><ReplaceKeyWith>found</ReplaceKeyWith><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule>
  </RoutingRules>
</WebsiteConfiguration>`;

function browse(target: string, site = 'site', method = 'GET'): Promise<RawResponse> {
  return raw(server, { method, target, user: null, host: `${site}.s3-website.localhost:${server.port}` });
}

test('a website: index documents, errors and redirects', async () => {
  const none = await browse('/');
  expect([none.status, none.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  expect(none.text).toContain('NoSuchWebsiteConfiguration');
  await raw(server, { method: 'PUT', target: '/site?website', body: website });
  const policy = {
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::site', 'arn:aws:s3:::site/*'],
      },
      { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::site/secret*' },
    ],
  };
  await raw(server, { method: 'PUT', target: '/site?policy', body: JSON.stringify(policy) });
  const pages: [string, string][] = [
    ['index.html', 'home'],
    ['docs/index.html', 'docs'],
    ['error.html', 'sorry'],
    ['page', 'page'],
  ];
  for (const [key, body] of pages) {
    await raw(server, {
      method: 'PUT',
      target: `/site/${key}`,
      body,
      headers: { 'content-type': 'text/html' },
    });
  }
  const headers = { 'x-amz-website-redirect-location': '/page' };
  await raw(server, { method: 'PUT', target: '/site/elsewhere', body: 'x', headers });

  const told = async (target: string) => {
    const { status, text, headers: found } = await browse(target);
    return [status, found['location'] ?? text];
  };
  expect(await told('/')).toEqual([200, 'home']);
  expect(await told('/page?any=query')).toEqual([200, 'page']);
  expect(await told('/docs/')).toEqual([200, 'docs']);
  expect(await told('/docs')).toEqual([302, '/docs/']);
  expect(await told('/none')).toEqual([404, 'sorry']);
  expect(await told('/secret')).toEqual([403, 'sorry']);
  expect(await told('/elsewhere')).toEqual([301, '/page']);
  expect(await told('/old/a')).toEqual([301, `http://site.s3-website.localhost:${server.port}/new/a`]);
  expect(await told('/lost/a')).toEqual([302, 'https://b.example/found']);
  expect((await browse('/page', 'site', 'HEAD')).status).toBe(200);
  expect((await browse('/page', 'site', 'PUT')).status).toBe(405);
  expect((await browse('/', 'no-such-site')).text).toContain('NoSuchBucket');
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html: "it returns a 302".
test('a website without the permission to list leads to a folder by its name', async () => {
  await raw(server, { method: 'PUT', target: '/readable' });
  await raw(server, { method: 'PUT', target: '/readable?website', body: website });
  const statement = (Effect: string, Resource: string) => ({
    Effect,
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::readable/${Resource}`,
  });
  const policy = { Statement: [statement('Allow', '*'), statement('Deny', 'secret*')] };
  await raw(server, { method: 'PUT', target: '/readable?policy', body: JSON.stringify(policy) });
  for (const key of ['d/index.html', 'both/index.html', 'both', 'secret/index.html'])
    await raw(server, { method: 'PUT', target: `/readable/${key}`, body: key });
  const told = async (target: string) => {
    const { status, headers, text } = await browse(target, 'readable');
    return `${status} ${headers['location'] ?? (status === 200 ? text : '')}`;
  };
  expect(await told('/d')).toBe('302 /d/');
  expect(await told('/d/')).toBe('200 d/index.html');
  expect(await told('/both')).toBe('200 both');
  expect(await told('/none')).toBe('403 ');
  expect(await told('/secret')).toBe('403 ');
});

test('a website that redirects everything', async () => {
  const body =
    '<WebsiteConfiguration><RedirectAllRequestsTo><HostName>c.example</HostName><Protocol>https</Protocol></RedirectAllRequestsTo></WebsiteConfiguration>';
  await raw(server, { method: 'PUT', target: '/moved?website', body });
  const { status, headers } = await browse('/a/b', 'moved');
  expect([status, headers['location']]).toEqual([301, 'https://c.example/a/b']);
});
