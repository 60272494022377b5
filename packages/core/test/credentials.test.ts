import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, S3Connection, type S3ConnectionConfig, type Storage } from '../src/index.ts';
import { reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

type Source = S3ConnectionConfig['credentials'];

/** A storage that signs with what is given, and has no keys of its own. */
function storageWith(credentials: Source, now?: () => number): Storage {
  const none = { accessKeyId: undefined, secretAccessKey: undefined };
  // The server's own keys are taken out again, which the type of a configuration does not foresee.
  const config = { ...none, credentials } as unknown as Partial<S3ConnectionConfig>;
  return server.storage(config, now === undefined ? {} : { now });
}

const minute = 60_000;
const expired = reply(
  400,
  '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>',
);

/** A provider of keys with a token, numbered; counts its calls. */
function numbered(options: { readonly lifetime?: number; readonly now?: () => number } = {}) {
  const { lifetime, now = Date.now } = options;
  const calls: unknown[] = [];
  const provider = async (request?: unknown) => {
    calls.push(request);
    return {
      accessKeyId: `ASIA${calls.length}`,
      secretAccessKey: 'hidden-word',
      sessionToken: `token-${calls.length}`,
      ...(lifetime !== undefined && { expiration: new Date(now() + lifetime) }),
    };
  };
  return { calls, provider };
}

function tokens(): unknown[] {
  return server.arrived.map(({ headers }) => headers['x-amz-security-token']);
}

describe('a provider of credentials', () => {
  test('signs, and is called once for concurrent requests', async () => {
    const { calls, provider } = numbered();
    const storage = storageWith(provider);
    await Promise.all(Array.from({ length: 20 }, () => storage.exists('k')));
    await storage.exists('k');
    expect(calls).toHaveLength(1);
    expect(tokens()).toEqual(Array(21).fill('token-1'));
    expect(server.arrived[0]?.headers.authorization).toMatch(/Credential=ASIA1\/.*x-amz-security-token/);
  });

  test('is not called before the first request', () => {
    const { calls, provider } = numbered();
    storageWith(provider);
    expect(calls).toHaveLength(0);
  });

  test('is called again shortly before its credentials expire', async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = () => now;
    const { calls, provider } = numbered({ lifetime: 60 * minute, now: clock });
    const storage = storageWith(provider, clock);
    await storage.exists('k');
    now += 54 * minute;
    await storage.exists('k');
    expect(calls).toHaveLength(1);
    now += minute;
    await storage.exists('k');
    expect(tokens()).toEqual(['token-1', 'token-1', 'token-2']);
  });

  test.each([
    'ExpiredToken',
    'ExpiredTokenException',
    'TokenRefreshRequired',
    'InvalidToken',
    'InvalidAccessKeyId',
  ])('is called again when S3 says %s, and the request is sent once more', async (code) => {
    server.script(reply(400, `<Error><Code>${code}</Code><Message/></Error>`), reply(200));
    const { calls, provider } = numbered();
    await storageWith(provider).delete('k');
    expect(tokens()).toEqual(['token-1', 'token-2']);
    expect(calls).toEqual([{ forceRefresh: false }, { forceRefresh: true }]);
  });

  test('is called again once for all requests whose token has expired', async () => {
    server.script((request, response) =>
      (request.headers['x-amz-security-token'] === 'token-1' ? expired : reply(200))(request, response),
    );
    const { calls, provider } = numbered();
    const storage = storageWith(provider);
    await Promise.all(Array.from({ length: 10 }, () => storage.delete('k')));
    expect(calls).toHaveLength(2);
    expect(server.arrived).toHaveLength(20);
  });

  test('is called again for a HEAD, whose refusal has no document', async () => {
    server.script(reply(400), reply(200));
    const { provider } = numbered();
    expect(await storageWith(provider).exists('k')).toEqual([true, {}]);
    expect(tokens()).toEqual(['token-1', 'token-2']);
  });

  test('is called again only once in a call', async () => {
    server.script(expired);
    const { calls, provider } = numbered();
    await expect(storageWith(provider).delete('k')).rejects.toMatchObject({ code: 'ExpiredToken' });
    expect(calls).toHaveLength(2);
    expect(server.arrived).toHaveLength(2);
  });

  test('that fails is an error that says so, without any request or retry', async () => {
    let calls = 0;
    const storage = storageWith(async () => {
      calls++;
      throw Object.assign(new Error('run aws sso login'), { code: 'ECONNREFUSED' });
    });
    const failure = await storage.delete('k').catch((error: unknown) => error);
    expect(String(failure)).toContain('no credentials to sign with: run aws sso login');
    expect(calls).toBe(1);
    expect(server.arrived).toHaveLength(0);
  });

  test('that gives what are no credentials is an error that shows nothing of them', async () => {
    const storage = storageWith(async () => ({ accessKeyId: '', secretAccessKey: 'hidden-word' }));
    const failure = await storage.delete('k').catch((error: unknown) => error);
    expect(String(failure)).toContain('credentials.accessKeyId must be');
    expect(inspect(failure, { depth: 9 })).not.toContain('hidden-word');
  });

  test('that fails while its credentials are still valid is not noticed', async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = () => now;
    let calls = 0;
    const storage = storageWith(async () => {
      if (calls++ > 0) throw new Error('down');
      return { accessKeyId: 'ASIA1', secretAccessKey: 's', expiration: new Date(now + 60 * minute) };
    }, clock);
    await storage.delete('k');
    now += 57 * minute;
    await storage.delete('k');
    expect(calls).toBe(2);
    expect(server.arrived).toHaveLength(2);
  });

  test('presigns', async () => {
    const url = await storageWith(numbered().provider).presign('k');
    expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('token-1');
  });

  test('shows no secret', async () => {
    const storage = storageWith(numbered().provider);
    await storage.exists('k');
    const shown = inspect(storage, { depth: 12, showHidden: true }) + JSON.stringify(storage);
    expect(shown).not.toMatch(/hidden-word|token-1/);
  });
});

describe('credentials as an object', () => {
  test('sign, and are not asked to be others', async () => {
    server.script(expired);
    const storage = storageWith({ accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 'token-1' });
    await expect(storage.delete('k')).rejects.toMatchObject({ code: 'ExpiredToken' });
    expect(tokens()).toEqual(['token-1']);
  });
});

describe('an anonymous connection', () => {
  test('sends neither signature nor token', async () => {
    await storageWith('anonymous').exists('k');
    const [arrived] = server.arrived;
    expect(arrived?.headers.host).toBe(`127.0.0.1:${server.port}`);
    expect(arrived?.headers).not.toHaveProperty('authorization');
    expect(arrived?.headers).not.toHaveProperty('x-amz-security-token');
    expect(arrived?.headers).not.toHaveProperty('x-amz-date');
  });

  test('cannot presign', async () => {
    await expect(storageWith('anonymous').presign('k')).rejects.toThrow(TypeError);
  });
});

describe('who signs is said once', () => {
  test.each<[string, object, RegExp]>([
    ['no way', {}, /access_key_id is missing; give .* or credentials: a function that gives them/],
    ['half a pair', { accessKeyId: 'x' }, /secret_access_key is missing/],
    [
      'two ways',
      { accessKeyId: 'x', secretAccessKey: 'y', credentials: 'anonymous' },
      /access_key_id is given beside credentials/,
    ],
    ['a word that means nothing', { credentials: 'nobody' }, /credentials must be credentials with/],
    [
      'a token without keys',
      { credentials: 'anonymous', sessionToken: 't' },
      /session_token is given beside credentials/,
    ],
  ])('%s is refused', (_, config, message) => {
    expect(() => new S3Connection(config)).toThrow(ConfigError);
    expect(() => new S3Connection(config)).toThrow(message);
  });
});

// The fields that S3 and its kin send with these refusals.
const canonical =
  'GET\n/k\n\nhost:s3\nx-amz-date:20260101T000000Z\nx-amz-security-token:SESSION/TOKEN+VALUE=\n\nhost;x-amz-date;x-amz-security-token\nUNSIGNED-PAYLOAD';
test.each([
  [
    'SignatureDoesNotMatch',
    `<SignatureProvided>0123abcd</SignatureProvided><CanonicalRequest>${canonical}</CanonicalRequest>`,
  ],
  ['SignatureDoesNotMatch', `<CanonicalRequestBytes>53 45 53 53</CanonicalRequestBytes>`],
  [
    'SignatureDoesNotMatch',
    '<CanonicalRequest>GET\n/k\nX-Amz-Date=1&amp;X-Amz-Security-Token=SESSION%2FTOKEN&amp;X-Amz-Signature=0123abcd</CanonicalRequest>',
  ],
  ['ExpiredToken', '<Token-0>SESSION/TOKEN+VALUE=</Token-0>'],
])('what a refusal (%s) gives back of a signature is not shown: %s', async (code, fields) => {
  const body = `<Error><Code>${code}</Code><Message>no</Message>${fields}<HostId>h</HostId></Error>`;
  server.script(reply(403, body));
  const storage = server.storage({ sessionToken: 'SESSION/TOKEN+VALUE=', retry: { limit: 1 } });
  const error = await storage.readText('k').catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code, hostId: 'h' });
  const shown = inspect([error, storage], { depth: 12, showHidden: true }) + JSON.stringify([error, storage]);
  expect(shown).toContain(code);
  expect(shown).not.toMatch(/SESSION|0123abcd|53 45/);
});

test('an endpoint that is refused is not shown with its password', () => {
  const make = (): unknown =>
    new S3Connection({
      accessKeyId: 'A',
      secretAccessKey: 's',
      endpoint: 'https://A:hidden-word@minio.example',
    });
  expect(make).toThrow(/invalid endpoint "https:\/\/\*\*\*@minio.example"/);
});
