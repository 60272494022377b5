import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prints, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
  await place.s3(['pipe', 's3://my-bucket/k'], {}, place.folder, 'content');
});
afterEach(() => place.close());

const owner = async (): Promise<string> => {
  const { stdout } = await place.s3(['acl', 'get', 's3://my-bucket/k']);
  return /<Owner>\s*<ID>([^<]+)/.exec(stdout)?.[1] ?? '';
};

describe.each(['s3://my-bucket/k', 's3://my-bucket'])('of %s', (uri) => {
  test('tags are set, shown and deleted', async () => {
    expect(await place.s3(['tag', 'set', uri, 'state=done', 'note=a=b c'])).toEqual(prints(''));
    expect(await place.s3(['tag', 'get', uri])).toEqual(prints('state=done\nnote=a=b c\n'));
    const { stdout } = await place.s3(['tag', 'get', '--json', uri]);
    expect(JSON.parse(stdout)).toMatchObject({
      operation: 'tag get',
      name: uri.endsWith('/k') ? uri : `${uri}/`,
      tags: { state: 'done', note: 'a=b c' },
    });
    expect(await place.s3(['tag', 'delete', uri])).toEqual(prints(''));
    expect((await place.s3(['tag', 'get', uri])).stdout).toBe('');
  });

  test('the ACL is set by its name, by grants, and by a document', async () => {
    const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';
    expect(await place.s3(['acl', 'set', uri, 'public-read'])).toEqual(prints(''));
    const shown = await place.s3(['acl', 'get', uri]);
    expect(shown.stdout).toContain(everyone);

    const id = await owner();
    expect(await place.s3(['acl', 'set', uri, '--grant', `full=id=${id}`])).toEqual(prints(''));
    const granted = await place.s3(['acl', 'get', uri]);
    expect(granted.stdout).not.toContain(everyone);
    expect(granted.stdout).toContain('FULL_CONTROL');

    expect(await place.s3(['acl', 'set', uri, '--file', '-'], {}, place.folder, shown.stdout)).toEqual(
      prints(''),
    );
    expect((await place.s3(['acl', 'get', uri])).stdout.trim()).toBe(shown.stdout.trim());
  });
});

test('one way to set an ACL is wanted, and grants that say whose they are', async () => {
  const neither = await place.s3(['acl', 'set', 's3://my-bucket/k']);
  expect([neither.status, neither.stderr]).toEqual([2, expect.stringContaining('--grant, or --file')]);
  const both = await place.s3(['acl', 'set', 's3://my-bucket/k', 'private', '--grant', 'read=id=x']);
  expect(both.status).toBe(2);
  const odd = await place.s3(['acl', 'set', 's3://my-bucket/k', '--grant', 'see=id=x']);
  expect([odd.status, odd.stderr]).toEqual([2, expect.stringContaining('read=id=ID, not "see=id=x"')]);
});

test('grants go with what is written', async () => {
  await place.write('f', 'f');
  const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';
  await place.s3(['cp', 'f', 's3://my-bucket/f', '--grants', `read=uri=${everyone}`]);
  expect((await place.s3(['acl', 'get', 's3://my-bucket/f'])).stdout).toContain(everyone);
});

test('a version can be named', async () => {
  await place.s3(['bucket', 'set', 'versioning', 's3://my-bucket'], {}, place.folder, versioned);
  await place.s3(['pipe', 's3://my-bucket/v'], {}, place.folder, 'one');
  await place.s3(['pipe', 's3://my-bucket/v'], {}, place.folder, 'second');
  const { stdout } = await place.s3(['versions', 'list', '--json', 's3://my-bucket/v']);
  const [, old] = stdout.split('\n', 2).map((line) => JSON.parse(line) as { versionId: string });
  const version = ['--version-id', old?.versionId ?? ''];
  await place.s3(['tag', 'set', 's3://my-bucket/v', 'age=old', ...version]);
  expect((await place.s3(['tag', 'get', 's3://my-bucket/v'])).stdout).toBe('');
  expect((await place.s3(['tag', 'get', 's3://my-bucket/v', ...version])).stdout).toBe('age=old\n');
  expect(
    JSON.parse((await place.s3(['head', '--json', 's3://my-bucket/v', ...version])).stdout),
  ).toMatchObject({
    size: 3,
  });
});

describe('on a terminal', () => {
  test('a document has its own lines, and nothing else that could drive the terminal', async () => {
    const policy = `{\r\n\t"Version": "2012-10-17",\n\t"Id": "red\u009b31m",\n\t"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::my-bucket/*"}]\n}`;
    await place.s3(['bucket', 'set', 'policy', 's3://my-bucket'], {}, place.folder, policy);
    expect((await place.s3(['bucket', 'get', 'policy', 's3://my-bucket'])).stdout).toBe(`${policy}\n`);
    const shown = await place.onTerminal('bucket get policy s3://my-bucket');
    // A terminal begins a line only where it is told to.
    expect(shown).toBe(
      `${policy.replace('\u009b', '\\u{9b}')}\n`.replaceAll(/\r?\n/g, (end) => `${end.slice(0, -1)}\r\n`),
    );
  });

  test('head shows one line for each fact, also in a list, and none for what a name has', async () => {
    await place.put({ 'two\nlines': '1234' });
    await place.write('list', 'head s3://my-bucket/k\n');
    for (const [command, name, size] of [
      ['head "s3://my-bucket/two\nlines"', 's3://my-bucket/two\\u{a}lines', 4],
      ['run list', 's3://my-bucket/k', 7],
    ] as const) {
      const [first, ...facts] = (await place.onTerminal(command)).trimEnd().split('\r\n');
      expect([first, facts[0]]).toEqual([name, `  size:                    ${size}`]);
      for (const fact of facts) expect(fact).toMatch(/^ {2}[-\w]+: +\S/);
    }
  });
});

test('bucket families tells only of what there is a command for', async () => {
  const { stdout } = await place.s3(['bucket', 'families', '--json']);
  const verbs = stdout
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { methods: string[] }).methods);
  expect(new Set(verbs)).toEqual(new Set(['get', 'set', 'delete']));
});

describe('bucket edit', () => {
  const edit = (editor: string, family = 'tagging'): ReturnType<Workplace['s3']> =>
    place.s3(['bucket', 'edit', family, 's3://my-bucket'], { EDITOR: editor });
  const tags = async (): Promise<string> => (await place.s3(['tag', 'get', 's3://my-bucket'])).stdout;

  const kept = async (stderr: string): Promise<string> => {
    const [, file = ''] = /what was edited is kept in (\S+)$/m.exec(stderr) ?? [];
    const text = await readFile(file, 'utf8');
    await rm(dirname(file), { recursive: true });
    return text;
  };

  beforeEach(() => place.s3(['tag', 'set', 's3://my-bucket', 'state=new']));

  test('sets what the editor has made of what there was', async () => {
    expect(await edit("sed -i 's/new/done/'")).toEqual(prints(''));
    expect(await tags()).toBe('state=done\n');
  });

  test('what is not changed is not set', async () => {
    expect(await edit('true')).toEqual({ stdout: '', stderr: 's3: nothing was changed\n', status: 0 });
    const given = await edit('false');
    expect([given.status, given.stderr]).toEqual([
      1,
      's3: bucket edit: s3://my-bucket: the editor ended with status 1; nothing was changed\n',
    ]);
  });

  test.each([
    ['false', 'the editor ended with status 1'],
    ['kill -9 $$', 'SIGKILL has ended the editor'],
  ])('nor what an editor gives up by "%s", which is kept', async (end, reason) => {
    const { status, stderr } = await edit(`sed -i s/new/done/ "$1"; ${end}`);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`s3: bucket edit: s3://my-bucket: ${reason}; nothing was changed\n`),
    ]);
    expect(await kept(stderr)).toContain('<Value>done</Value>');
    expect(await tags()).toBe('state=new\n');
  });

  test.each(['', 'exec '])('leaves Ctrl-C and Ctrl-\\ to the editor: "%s"', async (before) => {
    const script = 'trap \'\' INT QUIT; sed -i s/new/done/ "$1"; echo now; read a; echo again; read b';
    await place.write('editor', `#!/bin/sh\n${script}\n`);
    await place.onTerminal(
      'bucket edit tagging s3://my-bucket',
      // A shell that becomes the command, and is not ended by these keys.
      { SHELL: '/bin/bash', EDITOR: `${before}sh ${place.path('editor')}` },
      [
        ['now', '\u0003'],
        ['again', '\u001c'],
      ],
    );
    expect(await tags()).toBe('state=done\n');
  });

  test('begins with an empty file where none is set', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::my-bucket/*' },
      ],
    };
    await place.write('policy.json', JSON.stringify(policy));
    expect(await edit(`test ! -s "$1" && cp ${place.path('policy.json')}`, 'policy')).toEqual(prints(''));
    const { stdout } = await place.s3(['bucket', 'get', 'policy', 's3://my-bucket']);
    expect(JSON.parse(stdout)).toEqual(policy);
  });

  test('where S3 says so by a code that ends in NotFoundError, too', async () => {
    const rule = '<Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule>';
    await place.write('controls.xml', `<OwnershipControls>${rule}</OwnershipControls>`);
    const copy = `test ! -s "$1" && cp ${place.path('controls.xml')}`;
    const words = ['ownershipControls', 's3://my-bucket'];
    await place.s3(['bucket', 'delete', ...words]);
    expect((await place.s3(['bucket', 'get', ...words])).stderr).toContain('OwnershipControlsNotFoundError');
    expect(await edit(copy, 'ownershipControls')).toEqual(prints(''));
    expect((await place.s3(['bucket', 'get', ...words])).stdout).toContain('BucketOwnerPreferred');
  });

  test('what S3 refuses is kept for another try', async () => {
    const { status, stderr } = await edit("sed -i 's/Tagging/Nonsense/g'");
    expect(status).toBe(1);
    expect(await kept(stderr)).toContain('Nonsense');
    expect(await tags()).toBe('state=new\n');
  });

  test('goes by $VISUAL before $EDITOR, and there is no way to edit what S3 does not let be set', async () => {
    const environment = { VISUAL: "sed -i 's/new/seen/'", EDITOR: 'false' };
    await place.s3(['bucket', 'edit', 'tagging', 's3://my-bucket'], environment);
    expect(await tags()).toBe('state=seen\n');
    expect((await edit('true', 'location')).status).toBe(2);
  });
});

const versioned =
  '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
