import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type StandIn, standIn } from './stand-in.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;
let service: StandIn | undefined;
beforeEach(async () => {
  place = await Workplace.open({ buckets: ['my-bucket'] });
});
afterEach(async () => {
  service?.close();
  service = undefined;
  await place.close();
});

const noBuckets = '<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>';

test('all is well', async () => {
  const { status, stdout } = await place.s3(['doctor']);
  expect(stdout).not.toContain('WRONG');
  expect(stdout).toMatch(/^ok {4}listing s3:\/\/my-bucket: allowed$/m);
  expect(status).toBe(0);
});

test('without keys, none are told of as known, and messages are those of S3 alone', async () => {
  const { status, stdout } = await place.s3(['doctor', '--no-sign-request', 's3://my-bucket']);
  expect(stdout).toMatch(/^ok {4}credentials: none, as was asked for$/m);
  expect(stdout).toMatch(
    /^WRONG listing s3:\/\/my-bucket: s3:\/\/my-bucket: AccessDenied[^\n]*\n {6}without keys, only what/m,
  );
  expect(stdout).not.toMatch(/bucketList|bucketGet|request: |knows the keys|keys are right/);
  expect(status).toBe(1);
});

test('on a terminal, how to mend it has a line of its own', async () => {
  const shown = await place.onTerminal('doctor --no-sign-request s3://my-bucket');
  expect(shown).toMatch(/^WRONG listing [^\r\n]*\r\n {6}without keys, only what/m);
});

describe('what is wrong is told, with how to mend it:', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a name that nobody knows',
      { endpoint: 'http://no-such-service.invalid' },
      /^WRONG name resolution: .*no-such-service\.invalid.*\n {6}.*check the n(?:ame|etwork)/m,
    ],
    [
      'nothing that listens',
      { endpoint: 'http://127.0.0.1:1' },
      /^WRONG connection: .*connection refused: .*\n +nothing listens there: check the host and the port/m,
    ],
    [
      'keys that the service does not know',
      { access_key_id: 'NOBODY' },
      /^WRONG credentials: .*InvalidAccessKeyId.*\n +the service does not know access_key_id/m,
    ],
    [
      'a wrong secret',
      { secret_access_key: 'wrong' },
      /^WRONG credentials: .*SignatureDoesNotMatch.*\n +secret_access_key is wrong$/m,
    ],
    [
      'a bucket that is not there',
      { default_bucket: 'no-bucket' },
      /^WRONG listing s3:\/\/no-bucket: .*NoSuchBucket.*\n +check the name, or make it with: s3 mb/m,
    ],
    [
      'another region',
      { region: 'eu-central-1' },
      /^WRONG credentials: .*AuthorizationHeaderMalformed.*\n +set region to the one that S3 names/m,
    ],
  ])('%s', async (_, changes, message) => {
    await place.configure(changes, 'ill.yaml');
    const { status, stdout, stderr } = await place.s3(['doctor', '-c', 'ill.yaml']);
    expect(stdout).toMatch(message);
    expect(stdout + stderr).not.toContain(place.keys.secretAccessKey);
    expect(status).toBe(1);
  });

  const skewed = (): Answer => ({
    headers: { date: new Date(Date.now() + 2 * 3600 * 1000).toUTCString() },
    body: noBuckets,
  });

  test('a clock that is off', async () => {
    service = await standIn(skewed);
    await place.configure({ endpoint: service.endpoint, default_bucket: undefined }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '-c', 'ill.yaml']);
    expect(stdout).toMatch(
      /^WRONG clock: this machine's clock is 7[12]\d\d s behind\n +set the clock of this machine$/m,
    );
    expect(status).toBe(1);
  });

  test('a certificate that signed itself', async () => {
    const file = new URL('certificates/localhost', import.meta.url);
    const [key, cert] = await Promise.all(
      ['key', 'crt'].map((end) => readFile(`${file.pathname}.${end}`, 'utf8')),
    );
    service = await standIn(() => ({ body: noBuckets }), { key: key ?? '', cert: cert ?? '' });
    await place.configure({ endpoint: service.endpoint, default_bucket: undefined }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '-c', 'ill.yaml']);
    expect(stdout).toMatch(
      /^WRONG TLS: .*self-signed certificate.*\n +set AWS_CA_BUNDLE, or NODE_EXTRA_CA_CERTS/m,
    );
    expect(status).toBe(1);
    for (const variable of ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']) {
      const mended = await place.s3(['doctor', '-c', 'ill.yaml'], { [variable]: `${file.pathname}.crt` });
      expect(mended.stdout).toMatch(/^ok {4}TLS: the service answers$/m);
      expect(mended.status).toBe(0);
    }
    const missing = await place.s3(['doctor', '-c', 'ill.yaml'], { AWS_CA_BUNDLE: 'none.pem' });
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('AWS_CA_BUNDLE')]);
  });

  test.each([
    ['another kind of service', '<feed><title>hello</title></feed>'],
    ['no document at all', 'hello'],
  ])('what answers, and is not S3: %s', async (_, body) => {
    service = await standIn(() => ({ body }));
    await place.configure({ endpoint: service.endpoint, default_bucket: undefined }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '-c', 'ill.yaml']);
    expect(stdout).toMatch(/^WRONG credentials: .*(?:the answer is not whole|S3 sent no listing)/m);
    expect(status).toBe(1);
  });

  test.each([
    '<!DOCTYPE html><html><body>hello</body></html>',
    '<html><body><b>hello</body></html>',
    '\n<HTML lang="en">hello',
  ])('a web page: %s', async (body) => {
    service = await standIn(() => ({ headers: { 'content-type': 'text/html; charset=utf-8' }, body }));
    await place.configure({ endpoint: service.endpoint }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '-c', 'ill.yaml']);
    const problem = `${new URL(service.endpoint).origin} sent a web page: it is no S3 endpoint, or something stands between`;
    expect(stdout).toContain(
      `WRONG connection: ${problem}\n      check the host and the port in endpoint: those of the API may be`,
    );
    expect(stdout).not.toContain('credentials');
    expect(status).toBe(1);
    await place.write('f', 'text');
    for (const words of [['ls'], ['ls', 's3://my-bucket'], ['cp', 'f', 's3://my-bucket/f']]) {
      const outcome = await place.s3([...words, '-c', 'ill.yaml']);
      expect([outcome.status, outcome.stderr]).toEqual([1, expect.stringContaining(problem)]);
    }
  });

  test('TLS where none is spoken', async () => {
    service = await standIn(() => ({ body: noBuckets }));
    const endpoint = service.endpoint.replace('http:', 'https:');
    await place.configure({ endpoint, default_bucket: undefined }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '-c', 'ill.yaml']);
    expect(stdout).toMatch(/^WRONG TLS: .*no TLS is spoken there.*\n +make it http:\/\/ in endpoint$/m);
    expect(status).toBe(1);
  });

  test('keys that may not do it', async () => {
    service = await standIn(({ url }) =>
      url === '/' ? { body: noBuckets } : { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
    );
    await place.configure({ endpoint: service.endpoint }, 'ill.yaml');
    const { status, stdout } = await place.s3(['doctor', '--json', '-c', 'ill.yaml']);
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.find(({ name }) => name === 'listing s3://my-bucket')).toMatchObject({
      operation: 'doctor',
      status: 'failed',
      code: 'AccessDenied',
      mending: expect.stringContaining('see the policy of the user and of the bucket'),
    });
    expect(status).toBe(1);
  });
});
