import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  type Credentials,
  EMPTY_SHA256,
  encodeQuery,
  type PresignOptions,
  Signer,
  type SignerOptions,
  type SigningRequest,
  sha256Hex,
  splitUrl,
  UNSIGNED_PAYLOAD,
} from '../src/index.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
const date = new Date('2024-02-29T23:59:59.999Z');
const signer = new Signer({ region: 'us-east-1', credentials });
const request: SigningRequest = { method: 'GET', host: 'bucket.s3.amazonaws.com', path: '/key' };

const signedHeaders = (headers: Record<string, string>): string | undefined =>
  /SignedHeaders=([^,]*)/.exec(String(headers['authorization']))?.[1];
const parameter = (url: string, name: string): string | undefined =>
  new RegExp(`[?&]${name}=([^&]*)`).exec(url)?.[1];

describe('sign', () => {
  test('returns every header to send, named in lower case', () => {
    const { headers } = signer.sign(
      { ...request, headers: { Range: 'bytes=0-9', 'User-Agent': 'me' } },
      { date },
    );
    expect(new Set(Object.keys(headers))).toEqual(
      new Set(['authorization', 'host', 'range', 'user-agent', 'x-amz-content-sha256', 'x-amz-date']),
    );
    expect(headers).toMatchObject({
      host: 'bucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'user-agent': 'me',
      'x-amz-content-sha256': EMPTY_SHA256,
      'x-amz-date': '20240229T235959Z',
    });
  });

  test('leaves out of the signature what is changed on the way, and signs the rest', () => {
    const unsigned = [
      'Accept-Encoding',
      'Connection',
      'Expect',
      'Keep-Alive',
      'Proxy-Authorization',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Upgrade',
      'User-Agent',
      'X-Amzn-Trace-Id',
    ];
    const signed = ['cache-control', 'content-length', 'content-md5', 'content-type', 'if-match', 'range'];
    const given = Object.fromEntries([...unsigned, ...signed].map((name) => [name, 'x']));
    const { headers } = signer.sign({ ...request, headers: given });
    expect(signedHeaders(headers)).toBe(
      [...signed.slice(0, 4), 'host', 'if-match', 'range', 'x-amz-content-sha256', 'x-amz-date'].join(';'),
    );
    expect(headers).toMatchObject(Object.fromEntries(unsigned.map((name) => [name.toLowerCase(), 'x'])));
  });

  test('hashes the body, or takes the hash', () => {
    const hashOf = (extra: Partial<SigningRequest>) =>
      signer.sign({ ...request, ...extra }).headers['x-amz-content-sha256'];
    // FIPS 180-4's example: the SHA-256 of "abc".
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(hashOf({ body: 'abc' })).toBe(abc);
    expect(hashOf({ body: new TextEncoder().encode('abc') })).toBe(abc);
    expect(hashOf({ payloadHash: abc })).toBe(abc);
    expect(hashOf({ headers: { 'X-Amz-Content-Sha256': abc } })).toBe(abc);
    expect(hashOf({ body: 'abc', headers: { 'X-Amz-Content-Sha256': abc } })).toBe(abc);
    expect(hashOf({ payloadHash: UNSIGNED_PAYLOAD })).toBe(UNSIGNED_PAYLOAD);
    expect(hashOf({})).toBe(EMPTY_SHA256);
  });

  test('a signed request signed again is the same as signed once', () => {
    const temporary = new Signer({
      region: 'us-east-1',
      credentials: { ...credentials, sessionToken: 'old' },
    });
    const first = temporary.sign(request, { date: new Date(0) });
    expect(signer.sign({ ...request, headers: first.headers }, { date })).toEqual(
      signer.sign(request, { date }),
    );
  });

  test('overrides date, region and credentials for one call', () => {
    const other = { accessKeyId: 'OTHER', secretAccessKey: 'other', sessionToken: 'token' };
    const { headers } = signer.sign(request, { date, region: 'eu-west-1', credentials: other });
    expect(headers['authorization']).toContain('Credential=OTHER/20240229/eu-west-1/s3/aws4_request');
    expect(headers['x-amz-security-token']).toBe('token');
    expect(headers).toEqual(
      new Signer({ region: 'eu-west-1', credentials: other }).sign(request, { date }).headers,
    );
    expect(signer.sign(request, { date }).headers['authorization']).toContain(
      'Credential=AKIAEXAMPLE/20240229/us-east-1/',
    );
  });

  test('keys of regions are kept apart', () => {
    const regions = ['us-east-1', 'eu-west-1'];
    for (const region of [...regions, ...regions]) {
      const fresh = new Signer({ region, credentials });
      expect(signer.sign(request, { date, region })).toEqual(fresh.sign(request, { date }));
    }
  });

  test('a changed secret under one access key id takes effect at once', () => {
    const rotated = { ...credentials, secretAccessKey: 'rotated' };
    const before = signer.sign(request, { date });
    const after = signer.sign(request, { date, credentials: rotated });
    expect(after).toEqual(new Signer({ region: 'us-east-1', credentials: rotated }).sign(request, { date }));
    expect(after.signature).not.toBe(before.signature);
    expect(signer.sign(request, { date })).toEqual(before);
  });

  test('more days than the key cache holds', () => {
    const days = Array.from({ length: 100 }, (_, day) => new Date(Date.UTC(2024, 0, day)));
    const fresh = (day: Date) =>
      new Signer({ region: 'us-east-1', credentials }).sign(request, { date: day });
    for (const day of [...days, ...days]) expect(signer.sign(request, { date: day })).toEqual(fresh(day));
  });

  test('the credentials are copied', () => {
    const mutable = { ...credentials };
    const own = new Signer({ region: 'us-east-1', credentials: mutable });
    const before = own.sign(request, { date });
    mutable.secretAccessKey = 'changed';
    expect(own.sign(request, { date })).toEqual(before);
  });

  test('the query may be a string or pairs', () => {
    const pairs = [
      ['prefix', 'a b+c/é'],
      ['list-type', '2'],
      ['empty', ''],
    ] as const;
    const signature = signer.sign({ ...request, query: pairs }, { date }).signature;
    expect(signer.sign({ ...request, query: encodeQuery(pairs) }, { date }).signature).toBe(signature);
    expect(
      signer.sign({ ...request, query: 'empty&list-type=2&prefix=a+b%2bc/%c3%a9&&' }, { date }).signature,
    ).toBe(signature);
    expect(signer.sign({ ...request, query: new Map(pairs) }, { date }).signature).toBe(signature);
  });

  test('other services send no payload hash', () => {
    const sts = new Signer({ region: 'us-east-1', service: 'sts', credentials });
    expect(sts.rules).toBe('general');
    const { headers } = sts.sign({ ...request, body: 'abc' });
    expect(headers).not.toHaveProperty('x-amz-content-sha256');
    for (const service of ['s3', 's3-outposts', 's3-object-lambda', 's3express']) {
      const s3 = new Signer({ region: 'us-east-1', service, credentials });
      expect([s3.rules, s3.sign(request).headers['x-amz-content-sha256']]).toEqual(['s3', EMPTY_SHA256]);
    }
  });
});

describe('presign', () => {
  test('is good for an hour by default, over https', () => {
    const url = signer.presign(request, { date });
    expect(url).toMatch(/^https:\/\/bucket\.s3\.amazonaws\.com\/key\?/);
    expect(parameter(url, 'X-Amz-Expires')).toBe('3600');
    expect(signer.presign({ ...request, protocol: 'http:' })).toMatch(/^http:\/\//);
  });

  test('writes the host as the user of the URL will send it', () => {
    const url = signer.presign({ ...request, host: 'BUCKET.s3.amazonaws.com:443' }, { date });
    expect(url).toBe(signer.presign(request, { date }));
    expect(signer.presign({ ...request, host: 'localhost:80', protocol: 'http:' })).toMatch(
      /^http:\/\/localhost\//,
    );
    expect(signer.presign({ ...request, host: '[::1]:9000', protocol: 'http:' })).toMatch(
      /^http:\/\/\[::1\]:9000\//,
    );
  });

  test('signs the headers that are to be sent with it', () => {
    const url = signer.presign({ ...request, headers: { 'Content-Type': 'text/plain', 'User-Agent': 'me' } });
    expect(parameter(url, 'X-Amz-SignedHeaders')).toBe('content-type%3Bhost');
  });

  test('names a payload hash only when there is one', () => {
    const hash = sha256Hex('abc');
    expect(parameter(signer.presign({ ...request, body: 'abc' }), 'X-Amz-Content-Sha256')).toBe(hash);
    expect(parameter(signer.presign({ ...request, payloadHash: hash }), 'X-Amz-Content-Sha256')).toBe(hash);
    expect(signer.presign(request)).not.toContain('Content-Sha256');
    const asHeader = signer.presign({ ...request, headers: { 'X-Amz-Content-Sha256': hash } });
    expect(asHeader).not.toContain('Content-Sha256');
    expect(parameter(asHeader, 'X-Amz-SignedHeaders')).toBe('host%3Bx-amz-content-sha256');
    expect(signer.presign({ ...request, payloadHash: UNSIGNED_PAYLOAD })).not.toContain('Content-Sha256');
  });

  test('carries the session token', () => {
    const url = signer.presign(request, { credentials: { ...credentials, sessionToken: 'a/b+c=' } });
    expect(parameter(url, 'X-Amz-Security-Token')).toBe('a%2Fb%2Bc%3D');
  });

  test('leaves the path as it is', () => {
    expect(signer.presign({ ...request, path: '/a//../b/./%20' })).toContain('.com/a//../b/./%20?');
  });

  test.each(['X-Amz-Signature', 'x-amz-date', 'X-Amz-Security-Token', 'X-Amz-Content-Sha256'])(
    'refuses %s in the query',
    (name) => {
      expect(() => signer.presign({ ...request, query: [[name, 'x']] })).toThrow(TypeError);
      expect(() => signer.presign({ ...request, query: `${name}=x` })).toThrow(`query holds ${name}`);
    },
  );

  test.each([0, -1, 604_801, 1.5, Number.NaN, '60'])('refuses to be good for %s seconds', (expiresIn) => {
    const options = { expiresIn } as PresignOptions; // a string comes from plain JavaScript
    expect(() => signer.presign(request, options)).toThrow(RangeError);
    expect(() => signer.presign(request, options)).toThrow(/^expiresIn must be/);
  });

  test.each([1, 604_800])('is good for %i seconds', (expiresIn) => {
    expect(parameter(signer.presign(request, { expiresIn }), 'X-Amz-Expires')).toBe(String(expiresIn));
  });

  test('refuses another protocol', () => {
    const ftp = { ...request, protocol: 'ftp:' } as unknown as SigningRequest; // as from plain JavaScript
    expect(() => signer.presign(ftp)).toThrow(/^protocol must be/);
  });
});

describe('splitUrl', () => {
  test.each([
    ['https://h/a/../b//%2F?x=1&y', { protocol: 'https:', host: 'h', path: '/a/../b//%2F', query: 'x=1&y' }],
    ['HTTP://h:9000', { protocol: 'http:', host: 'h:9000', path: '/', query: '' }],
    [
      'http://[::1]:9000?list-type=2?',
      { protocol: 'http:', host: '[::1]:9000', path: '/', query: 'list-type=2?' },
    ],
  ])('%s', (url, parts) => {
    expect(splitUrl(url)).toEqual(parts);
    expect(() => signer.sign({ method: 'GET', ...splitUrl(url) })).not.toThrow();
  });

  test.each([
    ['credentials', 'https://key:s3cr3t@h/'],
    ["'#'", 'https://h/a#b'],
    ['whole URL', '/a'],
    ['whole URL', 'https:///a'],
    ['whole URL', 'ftp://h/a'],
  ])('refuses %s', (message, url) => {
    expect(() => splitUrl(url)).toThrow(TypeError);
    expect(() => splitUrl(url)).toThrow(new RegExp(`^url must .*${message}`));
    expect(() => splitUrl(url)).not.toThrow(/s3cr3t/);
  });
});

describe('bad arguments are named', () => {
  // All of these come from plain JavaScript, or from a configuration that nobody checked.
  const options: [argument: string, options: unknown][] = [
    ['region', { credentials }],
    ['region', { region: '', credentials }],
    ['region', { region: 'us-east-1/s3', credentials }],
    ['service', { region: 'x', service: '', credentials }],
    ['rules', { region: 'x', rules: 'S3', credentials }],
    ['credentials.accessKeyId', { region: 'x' }],
    ['credentials.accessKeyId', { region: 'x', credentials: null }],
    ['credentials.accessKeyId', { region: 'x', credentials: { ...credentials, accessKeyId: '' } }],
    ['credentials.accessKeyId', { region: 'x', credentials: { ...credentials, accessKeyId: 'a,b' } }],
    ['credentials.secretAccessKey', { region: 'x', credentials: { accessKeyId: 'x' } }],
    ['credentials.secretAccessKey', { region: 'x', credentials: { ...credentials, secretAccessKey: '' } }],
    [
      'credentials.secretAccessKey',
      { region: 'x', credentials: { ...credentials, secretAccessKey: 'key\n' } },
    ],
    ['credentials.sessionToken', { region: 'x', credentials: { ...credentials, sessionToken: '' } }],
    ['credentials.sessionToken', { region: 'x', credentials: { ...credentials, sessionToken: 'a\r\nb' } }],
  ];
  test.each(options)('%s in %j', (argument, bad) => {
    const make = () => new Signer(bad as SignerOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`^${argument} must be`));
  });

  const requests: [argument: string, request: Record<string, unknown>][] = [
    ['method', { method: 'get' }],
    ['method', { method: 'GET /x' }],
    ['method', { method: undefined }],
    ['host', { host: '' }],
    ['host', { host: 'a/b' }],
    ['host', { host: 'a\r\nb' }],
    ['host', { host: 'user@host' }],
    ['path', { path: 'key' }],
    ['path', { path: '/a?b' }],
    ['path', { path: '/a#b' }],
    ['path', { path: '/a\nb' }],
    ['path', { path: '/100%' }],
    ['path', { path: undefined }],
    ['query', { query: 'a=%' }],
    ['a query name or value', { query: [['a', 1]] }],
    ['headers', { headers: { 'a b': 'x' } }],
    ['headers', { headers: { 'x\n': 'x' } }],
    ['headers', { headers: { '': 'x' } }],
    ['headers', { headers: JSON.parse('{"__proto__": "x"}') }],
    ['headers', { headers: { x: 'a\r\nb' } }],
    ['headers', { headers: { x: 'a\0b' } }],
    ['headers', { headers: { x: '€' } }],
    ['headers', { headers: { x: 1 } }],
    ['headers', { headers: { Range: 'a', range: 'b' } }],
    ['headers', { headers: { Host: 'other' } }],
    ['headers', { body: 'abc', headers: { 'x-amz-content-sha256': EMPTY_SHA256 } }],
    ['payloadHash', { payloadHash: 'abc' }],
    ['payloadHash', { payloadHash: EMPTY_SHA256.toUpperCase() }],
    ['payloadHash', { payloadHash: 'unsigned-payload' }],
    ['payloadHash', { payloadHash: EMPTY_SHA256, body: '' }],
  ];
  test.each(requests)('%s in %j', (argument, bad) => {
    const whole = { ...request, ...bad } as SigningRequest;
    for (const call of [() => signer.sign(whole), () => signer.presign(whole)]) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(new RegExp(`^${argument}`));
    }
  });

  test('the same host again is no fault', () => {
    const twice = {
      ...request,
      host: 'bucket.s3.amazonaws.com:443',
      headers: { Host: 'bucket.s3.amazonaws.com:443' },
    };
    expect(signer.sign(twice).headers['host']).toBe('bucket.s3.amazonaws.com:443');
    expect(signer.presign(twice, { date })).toBe(signer.presign(request, { date }));
  });

  test.each([
    new Date(Number.NaN),
    new Date(8.64e15),
    new Date(-8.64e15),
    '2024-02-29' as unknown as Date, // as from plain JavaScript
  ])('the date %s', (bad) => {
    expect(() => signer.sign(request, { date: bad })).toThrow(RangeError);
    expect(() => signer.presign(request, { date: bad })).toThrow(/^date must be/);
  });
});

describe('secrets stay inside', () => {
  const secret: Credentials = { accessKeyId: 'AKIA', secretAccessKey: 's3cr3t', sessionToken: 't0k3n' };

  test('neither inspect nor JSON shows them', () => {
    const own = new Signer({ region: 'us-east-1', credentials: secret });
    own.sign(request);
    const shown = [own, own.at()]
      .map((value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value) + String(value))
      .join();
    expect(shown).toContain('us-east-1');
    expect(shown).not.toMatch(/s3cr3t|t0k3n/);
  });

  test.each([
    { ...secret, secretAccessKey: 's3cr3t\n' },
    { ...secret, sessionToken: 't0k3n ' },
    { ...secret, accessKeyId: 'a\n' },
  ])('no error repeats them: %#', (bad) => {
    let shown = '';
    try {
      new Signer({ region: 'x', credentials: bad });
    } catch (error) {
      shown = inspect(error);
    }
    expect(shown).toMatch(/TypeError: credentials\./);
    expect(shown).not.toMatch(/s3cr3t|t0k3n/);
  });
});
