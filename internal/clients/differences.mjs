/**
 * Where `s3` does otherwise than `aws s3`, and why. Each step is run by both, in a folder and a bucket of its own.
 *
 * @typedef {object} Outcome
 * @property {number} status
 * @property {Record<string, string>} [files] - what is in the folder `down` afterwards
 * @property {Record<string, string>} [objects] - what is in the bucket afterwards
 *
 * @typedef {object} Difference
 * @property {string} why
 * @property {Record<string, string>} [objects] - that are there before
 * @property {Record<string, string | null>} [files] - in the folder `t` before; null for a link that leads nowhere
 * @property {readonly string[]} step
 * @property {readonly Outcome[]} aws - one of these; it races with itself
 * @property {Outcome} s3
 */

const accented = 'é'.repeat(127);

/** @type {readonly Difference[]} */
export const differences = [
  {
    why: 'a file and a folder of one name: aws keeps whichever comes first, and fails; s3 writes the file, and tells what it has skipped',
    objects: { x: 'file', 'x/y': 'below' },
    step: ['cp', '--recursive', 's3://BUCKET', 'down'],
    aws: [
      { status: 1, files: { x: 'file' } },
      { status: 1, files: { 'x/y': 'below' } },
    ],
    s3: { status: 3, files: { x: 'file' } },
  },
  {
    why: 'two keys that mean one file: aws writes both into it, and says nothing',
    objects: { 'a//b': 'two', 'a/b': 'one' },
    step: ['sync', 's3://BUCKET', 'down'],
    aws: [
      { status: 0, files: { 'a/b': 'one' } },
      { status: 0, files: { 'a/b': 'two' } },
    ],
    s3: { status: 3, files: { 'a/b': 'one' } },
  },
  {
    why: 'and a move of them loses one',
    objects: { 'a//b': 'two', 'a/b': 'one' },
    step: ['mv', '--recursive', 's3://BUCKET', 'down'],
    aws: [
      { status: 0, files: { 'a/b': 'one' }, objects: {} },
      { status: 0, files: { 'a/b': 'two' }, objects: {} },
    ],
    s3: { status: 3, files: { 'a/b': 'one' }, objects: { 'a//b': 'two' } },
  },
  {
    why: 'a slash at the beginning of a key: aws drops it, and could not find the way back',
    objects: { '/top': '1', ok: '2' },
    step: ['cp', '--recursive', 's3://BUCKET/', 'down'],
    aws: [{ status: 0, files: { top: '1', ok: '2' } }],
    s3: { status: 3, files: { ok: '2' } },
  },
  {
    why: 'dots in a key are directions for aws, as long as they stay inside; s3 takes them for what they are, and no file has such a name',
    objects: { '../evil': '1', './here': '2', 'a/../b': '3', '...': '4' },
    step: ['sync', 's3://BUCKET', 'down'],
    aws: [{ status: 2, files: { here: '2', b: '3', '...': '4' } }],
    s3: { status: 3, files: { '...': '4' } },
  },
  {
    why: 'an object with content whose key ends in a slash: for aws that is a failure, for s3 an impossible name',
    objects: { 'content/': 'xyz', 'full/f': '1' },
    step: ['sync', 's3://BUCKET', 'down'],
    aws: [{ status: 1, files: { 'full/f': '1' } }],
    s3: { status: 3, files: { 'full/f': '1' } },
  },
  {
    why: 'a copy within S3 is of all objects: aws leaves out those of no size whose keys end in a slash',
    objects: { 'from/empty/': '', 'from/f': '1' },
    step: ['sync', 's3://BUCKET/from', 's3://BUCKET/to'],
    aws: [{ status: 0, objects: { 'from/empty/': '', 'from/f': '1', 'to/f': '1' } }],
    s3: { status: 0, objects: { 'from/empty/': '', 'from/f': '1', 'to/empty/': '', 'to/f': '1' } },
  },
  {
    why: 'a long name: aws adds to it while it writes, and it becomes too long',
    objects: { [accented]: '1' },
    step: ['cp', '--recursive', 's3://BUCKET', 'down'],
    aws: [{ status: 1, files: {} }],
    s3: { status: 0, files: { [accented]: '1' } },
  },
  {
    why: 'a name that is too long for a file: the same, told of as skipped',
    objects: { ['y'.repeat(256)]: '1', z: '2' },
    step: ['sync', 's3://BUCKET', 'down'],
    aws: [{ status: 1, files: { z: '2' } }],
    s3: { status: 3, files: { z: '2' } },
  },
  {
    why: 'an empty source: s3 asks for --allow-empty-source before it empties the destination',
    objects: { a: '1' },
    files: {},
    step: ['sync', '--delete', 't', 's3://BUCKET'],
    aws: [{ status: 0, objects: {} }],
    s3: { status: 1, objects: { a: '1' } },
  },
  {
    why: 'a broken link: s3 does not know the source then, and deletes nothing',
    objects: { extra: 'old' },
    files: { a: 'a', broken: null },
    step: ['sync', '--delete', 't', 's3://BUCKET'],
    aws: [{ status: 2, objects: { a: 'a' } }],
    s3: { status: 1, objects: { a: 'a', extra: 'old' } },
  },
  {
    why: 'patterns: of aws they begin at the top and cross slashes; of s3 they are those of .gitignore',
    files: { 'b.txt': '1', 'd/b.txt': '2', 'bb/x': '3' },
    step: ['cp', '--recursive', 't', 's3://BUCKET', '--exclude', 'b*.txt'],
    aws: [{ status: 0, objects: { 'bb/x': '3', 'd/b.txt': '2' } }],
    s3: { status: 0, objects: { 'bb/x': '3' } },
  },
  {
    why: 'a folder of which there is nothing: aws is content',
    objects: { 'logs/a': '1' },
    step: ['rm', '--recursive', 's3://BUCKET/lo'],
    aws: [{ status: 0, objects: { 'logs/a': '1' } }],
    s3: { status: 4, objects: { 'logs/a': '1' } },
  },
];
