import { expect, expectTypeOf, test } from 'vitest';
import { bucketConfigurations, S3Connection, type S3Key, Storage, type StorageCall } from '../src/index.ts';

const storage = new Storage(new S3Connection({ accessKeyId: 'a', secretAccessKey: 'b' }));

/** The documented families, by what can be done with them. */
const documented = {
  Get: [
    'Acl',
    'Cors',
    'Lifecycle',
    'Location',
    'Logging',
    'Notification',
    'Policy',
    'RequestPayment',
    'Tagging',
    'Versioning',
    'Versions',
    'Website',
  ],
  Set: [
    'Acl',
    'Cors',
    'Lifecycle',
    'Logging',
    'Notification',
    'Policy',
    'RequestPayment',
    'Tagging',
    'Versioning',
    'Website',
  ],
  Delete: ['Cors', 'Lifecycle', 'Policy', 'Tagging', 'Website'],
};

const names = Object.entries(documented).flatMap(([verb, families]) =>
  families.map((family) => `bucket${verb}${family}`),
);

test.each(names)('%s is a method', (name) => {
  expect(Reflect.get(storage, name)).toBeTypeOf('function');
});

test('the table makes these methods, and no others', () => {
  const methods = Object.values(bucketConfigurations).reduce(
    (count, family) => count + family.methods.length,
    0,
  );
  expect(methods).toBe(names.length);
});

test.each([
  'bucketCreate',
  'bucketDelete',
  'bucketExists',
  'bucketGet',
  'bucketList',
  'bucketListKeys',
  'copy',
  'delete',
  'exists',
  'read',
  'updateMetadata',
  'write',
])('%s is a method', (name) => {
  expect(Reflect.get(storage, name)).toBeTypeOf('function');
});

test('methods have the types that their callers lean on', () => {
  expectTypeOf(storage.bucketExists).returns.toEqualTypeOf<StorageCall<boolean>>();
  expectTypeOf(storage.bucketListKeys).returns.toEqualTypeOf<
    AsyncGenerator<S3Key | string, void, undefined>
  >();
  expectTypeOf(storage.exists).returns.resolves.toEqualTypeOf<
    readonly [boolean, Readonly<Record<string, string>>]
  >();
  expectTypeOf(storage.bucketGetPolicy).parameter(0).toBeString();
});
