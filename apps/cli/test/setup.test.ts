import { spawnSync } from 'node:child_process';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prints, program, Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
});
afterAll(() => place.close());

test.each([
  ['sycn', 'did you mean s3 sync?'],
  ['sl', 'did you mean s3 ls?'],
])('%s is no command: what may have been meant is said', async (word, hint) => {
  const { status, stderr, stdout } = await place.s3([word]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(hint);
});

test.each([
  [['ls', '--recursve'], '--recursve', '--recursive'],
  [['cp', '--checksum', 'sha256', 'a', 's3://b/a'], '--checksum', '--checksum-algorithm'],
  [['tag', 'get', '--endpoint', 'http://h', 's3://b/a'], '--endpoint', '--endpoint-url'],
])('a wrong option suggests the right one: %j', async (words, wrong, right) => {
  const { status, stderr } = await place.s3(words);
  expect([status, stderr]).toEqual([
    2,
    `s3: there is no option ${wrong} here; did you mean ${right}?; see s3 --help\n`,
  ]);
});

test.each([
  [['cp', 'a', 'b'], 'one of the two is to be an s3:// URI'],
  [['cp', 'a', 'b', 's3://c/d'], 'end the destination with a slash'],
  [['sync', 't', 's3://b', '--concurrency', 'many'], '--concurrency is a whole number, not "many"'],
  [['ls', 's3://b', '--part-size', '1k'], '--part-size is 5MiB or more'],
  [['cp', '-r', '.', 's3://b', '--part-size', '6GiB'], '--part-size is 5GiB or less'],
  [['cp', '-r', '.', 's3://b', '--concurrency', '0'], '--concurrency is a whole number, 1 or more, not "0"'],
  [['cp', 's3.yaml', 's3://b', '--concurrency', '0'], '--concurrency is a whole number, 1 or more, not "0"'],
  [['ls', 's3://b', '--threads', '999999999'], '--threads is a whole number, 256 or less, not "999999999"'],
  [['presign', 's3:///x'], 's3:///x has no bucket'],
  [['ls', 's3://b', '--limit-rate', '1k'], '--limit-rate is 8KiB or more'],
  [['presign', 's3://my-bucket/k', '--max-size', '1'], '--max-size is of --method POST'],
  [['presign', 's3://my-bucket/*'], 'has a wildcard, and one object is meant'],
  [['find', 's3://b', '--newer', 'soon'], '--newer is a date such as'],
  [['cp', 'a', 's3://my-bucket/k', '--checksum-algorithm', 'crc'], '--checksum-algorithm is one of crc32,'],
  [['bucket', 'get', 'polcy', 's3://my-bucket'], 'did you mean policy?'],
  [['help'], 'did you mean s3 --help?'],
  [['find', 's3://my-bucket', '--limit', 'x'], '--limit is a whole number, not "x"'],
  [['du', 's3://my-bucket', '--depth', '1.5'], '--depth is a whole number, not "1.5"'],
  [['cp', 's3://my-bucket', 'down'], 's3://my-bucket is a bucket: add --recursive'],
  [['cp', '.', 's3://my-bucket/k'], '. is a folder: add --recursive'],
  [['mv', '-', 's3://my-bucket/k'], '- cannot be moved'],
])('%j has status 2', async (args, message) => {
  const { status, stderr, stdout } = await place.s3(args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('configure writes s3.yaml for nobody else, and it works', async () => {
  const { accessKeyId, secretAccessKey } = place.keys;
  const answers = `${accessKeyId}\n${secretAccessKey}\n${place.server.endpoint}\n\nmy-bucket\n`;
  const outcome = await place.s3(['configure', '-c', 'made.yaml'], {}, place.folder, answers);
  expect(outcome.status).toBe(0);
  expect(outcome.stdout + outcome.stderr).not.toContain(secretAccessKey);
  expect((await stat(place.path('made.yaml'))).mode & 0o777).toBe(0o600);
  expect((await place.s3(['-c', 'made.yaml', 'list-buckets'])).stdout).toBe('my-bucket\n');
  expect((await place.s3(['configure', '-c', 'made.yaml'], {}, place.folder, answers)).status).toBe(2);
});

test('configure --force leaves what it replaces to nobody else, whatever that was, and keeps a link', async () => {
  await place.write('open.yaml', 'old');
  await chmod(place.path('open.yaml'), 0o644);
  await symlink('open.yaml', place.path('link.yaml'));
  const before = await place.files();
  for (const file of ['open.yaml', 'link.yaml']) {
    const outcome = await place.s3(['configure', '--force', '-c', file], {}, place.folder, 'id\nsecret\n');
    expect(outcome.status).toBe(0);
    expect((await stat(place.path('open.yaml'))).mode & 0o777).toBe(0o600);
    await chmod(place.path('open.yaml'), 0o644);
  }
  expect(await readFile(place.path('open.yaml'), 'utf8')).toContain('secret_access_key: "secret"');
  expect(await place.files()).toEqual(before);
});

test.each([
  [['-c', 's3.yaml'], 's3.yaml is there already; --force replaces it'],
  [['-c', 'none/s3.yaml'], 'none/s3.yaml: there is no folder none'],
  [['-c', '.', '--force'], '. is no regular file'],
])('configure %j asks for nothing', async (options, message) => {
  const { status, stderr } = await place.s3(['configure', ...options], {}, place.folder, 'id\nsecret\n');
  expect([status, stderr]).toEqual([2, `s3: ${message}; see s3 --help\n`]);
});

test.each([
  ['id\nsecret\nnot a url\n', 'invalid endpoint'],
  ['id\nsecret\n\n\nno/bucket\n', 'default_bucket'],
])('configure refuses %j at once', async (answers, key) => {
  const { status, stderr } = await place.s3(['configure', '-c', 'none.yaml'], {}, place.folder, answers);
  expect([status, stderr]).toEqual([2, expect.stringMatching(`s3: ${key} [^\n]+\n$`)]);
  expect(await place.files()).not.toContain('none.yaml');
});

test('configure on a terminal asks, shows what is typed but for the secret, and writes what works', async () => {
  const { accessKeyId, secretAccessKey } = place.keys;
  const shown = await place.onTerminal('configure -c typed.yaml', {}, [
    ['Access key id: ', accessKeyId],
    ['Secret access key: ', secretAccessKey],
    ['Endpoint (empty: Amazon): ', 'not a url'],
    ['s3: invalid endpoint', place.server.endpoint],
    ['Region [us-east-1]: ', ''],
    ['Default bucket (empty: none): ', 'my-bucket'],
  ]);
  expect(shown).toContain(accessKeyId);
  expect(shown).not.toContain(secretAccessKey);
  expect(shown).toContain('typed.yaml written; try it with: s3 doctor');
  expect((await stat(place.path('typed.yaml'))).mode & 0o777).toBe(0o600);
  expect((await place.s3(['-c', 'typed.yaml', 'list-buckets'])).stdout).toBe('my-bucket\n');
});

test.each([
  ['Access key id: ', []],
  ['Secret access key: ', [['Access key id: ', 'id']]],
] as const)('Ctrl-C at "%s" interrupts configure', async (question, before) => {
  const answers = [...before, [question, '\u0003']] as const;
  const shown = await place.onTerminal('configure -c none.yaml; echo "status $?"', {}, answers);
  expect(shown.trimEnd()).toMatch(/\nstatus 130$/);
  expect(shown).not.toContain('needed');
  expect(await place.files()).not.toContain('none.yaml');
});

test.each([
  ['Access key id: ', []],
  [
    'Endpoint (empty: Amazon): ',
    [
      ['Access key id: ', 'id'],
      ['Secret access key: ', 'secret'],
    ],
  ],
] as const)('Ctrl-D at "%s" ends configure, and leaves the file as it was', async (question, before) => {
  await place.write('kept.yaml', 'old');
  const answers = [...before, [question, '\u0004']] as const;
  const shown = await place.onTerminal('configure --force -c kept.yaml; echo "status $?"', {}, answers);
  expect(shown.trimEnd()).toMatch(/\ns3: the input has ended: nothing is written\r\nstatus 1$/);
  expect(await place.read('kept.yaml')).toBe('old');
});

test('and a signal ends it, though nobody answers', async () => {
  const configure = `timeout --preserve-status -k 2 1 "${process.execPath}" "${program}" configure -c none.yaml`;
  const { stdout } = await place.shell(`sleep 4 | { ${configure}; echo "status $?"; }`);
  expect(stdout).toBe('status 143\n');
});

test('configure takes no answer for an answer only where there is a default', async () => {
  const { status, stderr } = await place.s3(['configure', '-c', 'none.yaml'], {}, place.folder, '\n');
  expect([status, stderr]).toEqual([2, expect.stringContaining('access_key_id is needed')]);
  expect(await place.files()).not.toContain('none.yaml');
});

describe('completion for bash', () => {
  test.each<[string, string]>([
    ['s3 sy', 'sync'],
    ['s3 ls --recu', '--recursive'],
    ['s3 --config x.yaml -b y ls --recu', '--recursive'],
    ['s3 versions un', 'undelete'],
    ['s3 -v bucket ge', 'get'],
    ['s3 bucket get --js', '--json'],
    ['s3 acl set s3://b public --gr', '--grant --grants'],
    // The value of an option is none of our words.
    ['s3 ls --profile sy', ''],
    ['s3 nonsense ', ''],
  ])('%j', async (line, expected) => {
    const words = line.split(' ');
    const script = `source <("$0" "$1" completion bash); shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _s3; echo "\${COMPREPLY[*]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program, ...words], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual([`${expected}\n`, '']);
  });
});

test('no sign request, and keys from the environment', async () => {
  expect((await place.s3(['ls', '--no-sign-request', 's3://my-bucket'])).stderr).toContain('AccessDenied');
  expect((await place.s3(['ls'], place.environment, '/')).stdout).toContain('my-bucket');
  expect(await place.s3(['ls', 's3://my-bucket'], { ...place.environment, AWS_PROFILE: '' }, '/')).toEqual(
    prints(''),
  );
});

test.each([
  ['s3://my-bucket/st\\*r.txt', []],
  ['s3://my-bucket/st*r.txt', ['--literal']],
  ['st*r.txt', ['--bucket', 'my-bucket']],
])('presign %s is of the key with the star', async (name, options) => {
  await place.put({ 'st*r.txt': 'of the star' });
  const { stdout } = await place.s3(['presign', name, ...options]);
  expect(await (await fetch(stdout.trim())).text()).toBe('of the star');
});

test('presign takes the options of the service, and tells a program what it gives', async () => {
  const words = ['presign', 's3://my-bucket/k', '--expires-in', '60', '--json'];
  const elsewhere = ['--endpoint-url', 'https://s3.example.com', '--region', 'eu-central-1'];
  const told = JSON.parse((await place.s3([...words, ...elsewhere])).stdout) as Record<string, unknown>;
  expect(told).toMatchObject({ operation: 'presign', status: 'ok', type: 'object', size: null });
  expect(told).toMatchObject({ name: 's3://my-bucket/k', method: 'GET', expiresIn: 60 });
  const { host, searchParams } = new URL(String(told['url']));
  expect(host).toMatch(/(?:^|\.)s3\.example\.com$/);
  expect(searchParams.get('X-Amz-Credential')).toContain('/eu-central-1/s3/');
  await place.write('.aws/credentials', '[other]\naws_access_key_id = OTHER\naws_secret_access_key = x\n');
  const other = await place.s3([...words, '--profile', 'other', '--region', 'us-east-1']);
  expect(other.stdout).toContain('Credential=OTHER%2F');
  const form = JSON.parse((await place.s3([...words, '--method', 'POST'])).stdout) as Record<string, unknown>;
  expect(form).toMatchObject({ name: 's3://my-bucket/k', fields: { key: 'k' } });
  const { status, stderr } = await place.s3(['presign', '--json', 's3://my-bucket']);
  expect([status, JSON.parse(stderr)]).toEqual([2, expect.objectContaining({ status: 'failed' })]);
});

test('presign --request-payer is signed, in the URL and in the form', async () => {
  const words = ['presign', 's3://my-bucket/k', '--request-payer'];
  const { searchParams } = new URL((await place.s3(words)).stdout.trim());
  expect(searchParams.get('x-amz-request-payer')).toBe('requester');
  const form = JSON.parse((await place.s3([...words, '--method', 'POST'])).stdout) as {
    fields: Record<string, string>;
  };
  expect(form.fields['x-amz-request-payer']).toBe('requester');
});

test('presign --method POST gives a form that works without keys, up to its size', async () => {
  const { stdout } = await place.s3([
    'presign',
    's3://my-bucket/form/x',
    '--method',
    'POST',
    '--max-size',
    '10',
  ]);
  const { url, fields } = JSON.parse(stdout) as { url: string; fields: Record<string, string> };
  const upload = async (content: string): Promise<number> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([content]));
    return (await fetch(url, { method: 'POST', body: form })).status;
  };
  expect(await upload('by form')).toBe(204);
  expect((await place.s3(['cat', 's3://my-bucket/form/x'])).stdout).toBe('by form');
  expect(await upload('more than ten bytes')).toBe(400);
});
