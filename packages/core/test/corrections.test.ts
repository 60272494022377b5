import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bucketRegionOf } from '../src/corrections.ts';
import { endpointIn, parseEndpoint } from '../src/endpoint-settings.ts';
import type { HttpResponse } from '../src/index.ts';
import { type Handler, refuse, reply, ScriptedServer } from './scripted-server.ts';

const hour = 3_600_000;

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

/** Milliseconds since 1970, of the time that a request was signed at. */
function signedAt(index: number): number {
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(server.arrived[index]?.headers['x-amz-date'])) ??
    [];
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  );
}

/** The region that a request was signed for. */
function signedFor(index: number): string | undefined {
  return /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(server.arrived[index]?.headers.authorization ?? '')?.[1];
}

/** Answers so many requests when all of them have come. */
function together(count: number, answer: Handler): readonly Handler[] {
  const waiting: (() => void)[] = [];
  return Array.from(
    { length: count },
    (): Handler => (request, response) => {
      waiting.push(() => answer(request, response));
      if (waiting.length === count) for (const send of waiting) send();
    },
  );
}

describe('a wrong clock', () => {
  test.each<[string, Handler]>([
    ['RequestTimeTooSkewed', refuse(403, 'RequestTimeTooSkewed')],
    ['a signature that does not match', refuse(403, 'SignatureDoesNotMatch')],
    ['HEAD, which says nothing', reply(403)],
  ])('is corrected after %s, and stays corrected', async (_, refusal) => {
    server.script(refusal, reply(200), reply(200));
    const waits: number[] = [];
    const storage = server.storage(
      { retry: { limit: 1 } },
      { now: () => Date.now() - 2 * hour, sleep: async (wait) => void waits.push(wait) },
    );
    await storage.exists('k');
    expect(server.arrived).toHaveLength(2);
    expect(waits).toEqual([]);
    expect(Math.abs(signedAt(0) - (Date.now() - 2 * hour))).toBeLessThan(5_000);
    expect(Math.abs(signedAt(1) - Date.now())).toBeLessThan(5_000);
    await storage.exists('k');
    expect(server.arrived).toHaveLength(3);
    expect(Math.abs(signedAt(2) - Date.now())).toBeLessThan(5_000);
  });

  test.each<[string, Handler]>([
    ['where the clocks agree', refuse(403, 'SignatureDoesNotMatch')],
    [
      'by an answer from a cache',
      (request, response) => {
        response.setHeader('date', new Date(Date.now() - 2 * hour).toUTCString());
        response.setHeader('age', '7200');
        refuse(403, 'RequestTimeTooSkewed')(request, response);
      },
    ],
  ])('is not corrected %s', async (_, refusal) => {
    server.script(refusal);
    await expect(server.storage().delete('k')).rejects.toMatchObject({ status: 403 });
    expect(server.arrived).toHaveLength(1);
  });

  test('is corrected for all requests that were under way', async () => {
    const storage = server.storage({ retry: { limit: 1 } }, { now: () => Date.now() - 2 * hour });
    server.script(...together(3, refuse(403, 'RequestTimeTooSkewed')), reply(204), reply(204), reply(204));
    await Promise.all(['one', 'two', 'three'].map((key) => storage.delete(key)));
    expect(server.arrived).toHaveLength(6);
  });

  test('a service whose clock jumps about is not followed for ever', async () => {
    let jump = hour;
    server.script((request, response) => {
      jump = -2 * jump;
      response.setHeader('date', new Date(Date.now() + jump).toUTCString());
      refuse(403, 'RequestTimeTooSkewed')(request, response);
    });
    await expect(server.storage().delete('k')).rejects.toMatchObject({ code: 'RequestTimeTooSkewed' });
    expect(server.arrived).toHaveLength(3);
  });
});

describe('a bucket in another region', () => {
  const malformed = reply(
    400,
    "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>",
  );

  test.each<[string, Handler]>([
    ['AuthorizationHeaderMalformed', malformed],
    [
      '301 PermanentRedirect',
      reply(301, '<Error><Code>PermanentRedirect</Code><Endpoint>x</Endpoint></Error>', {
        'x-amz-bucket-region': 'eu-west-1',
      }),
    ],
    [
      '307 TemporaryRedirect',
      reply(307, '<Error><Code>TemporaryRedirect</Code></Error>', { 'x-amz-bucket-region': 'eu-west-1' }),
    ],
  ])('is found after %s, and remembered for that bucket', async (_, refusal) => {
    server.script(refusal, reply(204), reply(204), reply(204));
    const storage = server.storage();
    await storage.delete('k');
    await storage.delete('k');
    await storage.bucketDelete('other-bucket');
    expect([0, 1, 2, 3].map(signedFor)).toEqual(['us-east-1', 'eu-west-1', 'eu-west-1', 'us-east-1']);
    expect(server.arrived).toHaveLength(4);
  });

  test('is found for all requests that were under way', async () => {
    server.script(...together(3, malformed), reply(204), reply(204), reply(204));
    const storage = server.storage({ retry: { limit: 1 } });
    await Promise.all(['one', 'two', 'three'].map((key) => storage.delete(key)));
    expect([3, 4, 5].map(signedFor)).toEqual(['eu-west-1', 'eu-west-1', 'eu-west-1']);
  });

  test('bucketExists finds it, by a bare answer to HEAD', async () => {
    server.script(reply(301, '', { 'x-amz-bucket-region': 'eu-west-1' }), reply(200));
    expect(await server.storage().bucketExists('bucket')).toBe(true);
    expect([0, 1].map(signedFor)).toEqual(['us-east-1', 'eu-west-1']);
  });

  test('a redirect that says nothing new is a refusal', async () => {
    server.script(
      reply(301, '<Error><Code>PermanentRedirect</Code></Error>', { 'x-amz-bucket-region': 'us-east-1' }),
    );
    await expect(server.storage().delete('k')).rejects.toMatchObject({
      code: 'PermanentRedirect',
      status: 301,
    });
    expect(server.arrived).toHaveLength(1);
  });

  test('what is no region leads nowhere', () => {
    const raw: HttpResponse = {
      status: 301,
      statusText: '',
      headers: { 'x-amz-bucket-region': 'evil.example/#' },
      body: '',
      method: 'GET',
      url: '',
    };
    const error = {
      code: 'PermanentRedirect',
      message: '',
      requestId: undefined,
      hostId: undefined,
      fields: {},
    };
    expect(bucketRegionOf({ response: raw, error }, { method: 'GET', bucket: 'bucket' })).toBeUndefined();
  });

  test('on Amazon, the host is the region’s; elsewhere it stays', () => {
    const amazon = parseEndpoint({
      endpoint: undefined,
      tls: true,
      region: 'us-east-1',
      addressingStyle: 'auto',
    });
    expect(endpointIn(amazon, 'eu-west-1').hostname).toBe('s3.eu-west-1.amazonaws.com');
    const other = parseEndpoint({
      endpoint: 'localhost:9000',
      tls: false,
      region: 'us-east-1',
      addressingStyle: 'auto',
    });
    expect(endpointIn(other, 'eu-west-1')).toBe(other);
  });

  test.each([
    ['s3-fips.us-east-1.amazonaws.com', 's3-fips.eu-west-1.amazonaws.com'],
    ['s3.dualstack.us-east-1.amazonaws.com', 's3.dualstack.eu-west-1.amazonaws.com'],
    ['s3-fips.dualstack.us-east-1.amazonaws.com', 's3-fips.dualstack.eu-west-1.amazonaws.com'],
    ['s3.us-east-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'],
    ['s3-accelerate.amazonaws.com', 's3-accelerate.amazonaws.com'],
    ['s3-accelerate.dualstack.amazonaws.com', 's3-accelerate.dualstack.amazonaws.com'],
  ])('%s becomes %s: FIPS, dual stack and acceleration are kept', (host, expected) => {
    const given = parseEndpoint({ endpoint: host, tls: true, region: 'us-east-1', addressingStyle: 'auto' });
    expect(endpointIn(given, 'eu-west-1').hostname).toBe(expected);
  });
});
