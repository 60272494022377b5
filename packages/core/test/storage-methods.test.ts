import { expect, expectTypeOf, test } from 'vitest';
import type {
  BucketConfigurationMethods,
  ListKeysOptions,
  ObjectConfigurationMethods,
} from '../src/index.ts';
import {
  bucketConfigurations,
  type Paged,
  S3Connection,
  type S3Key,
  Storage,
  type StorageCall,
} from '../src/index.ts';
import { objectConfigurations } from '../src/object-configurations.ts';

const storage = new Storage(new S3Connection({ accessKeyId: 'a', secretAccessKey: 'b' }));

// The compiler wants every member of the interfaces here, and no other.
const typed: Record<keyof BucketConfigurationMethods | keyof ObjectConfigurationMethods, true> = {
  bucketGetAcl: true,
  bucketSetAcl: true,
  bucketGetCors: true,
  bucketSetCors: true,
  bucketDeleteCors: true,
  bucketGetLifecycle: true,
  bucketSetLifecycle: true,
  bucketDeleteLifecycle: true,
  bucketGetLocation: true,
  bucketGetLogging: true,
  bucketSetLogging: true,
  bucketGetNotification: true,
  bucketSetNotification: true,
  bucketGetPolicy: true,
  bucketSetPolicy: true,
  bucketDeletePolicy: true,
  bucketGetRequestPayment: true,
  bucketSetRequestPayment: true,
  bucketGetTagging: true,
  bucketSetTagging: true,
  bucketDeleteTagging: true,
  bucketGetVersioning: true,
  bucketSetVersioning: true,
  bucketGetVersions: true,
  bucketGetWebsite: true,
  bucketSetWebsite: true,
  bucketDeleteWebsite: true,
  bucketGetEncryption: true,
  bucketSetEncryption: true,
  bucketDeleteEncryption: true,
  bucketGetPublicAccessBlock: true,
  bucketSetPublicAccessBlock: true,
  bucketDeletePublicAccessBlock: true,
  bucketGetOwnershipControls: true,
  bucketSetOwnershipControls: true,
  bucketDeleteOwnershipControls: true,
  bucketGetObjectLock: true,
  bucketSetObjectLock: true,
  bucketGetReplication: true,
  bucketSetReplication: true,
  bucketDeleteReplication: true,
  bucketGetAccelerate: true,
  bucketSetAccelerate: true,
  bucketGetPolicyStatus: true,
  bucketGetAbac: true,
  bucketSetAbac: true,
  bucketGetAnalytics: true,
  bucketSetAnalytics: true,
  bucketDeleteAnalytics: true,
  bucketListAnalytics: true,
  bucketGetIntelligentTiering: true,
  bucketSetIntelligentTiering: true,
  bucketDeleteIntelligentTiering: true,
  bucketListIntelligentTiering: true,
  bucketGetInventory: true,
  bucketSetInventory: true,
  bucketDeleteInventory: true,
  bucketListInventory: true,
  bucketGetMetrics: true,
  bucketSetMetrics: true,
  bucketDeleteMetrics: true,
  bucketListMetrics: true,
  bucketGetMetadata: true,
  bucketSetMetadata: true,
  bucketDeleteMetadata: true,
  bucketGetMetadataTable: true,
  bucketSetMetadataTable: true,
  bucketDeleteMetadataTable: true,
  bucketSetMetadataAnnotationTable: true,
  bucketSetMetadataInventoryTable: true,
  bucketSetMetadataJournalTable: true,
  objectGetAcl: true,
  objectSetAcl: true,
  objectGetTagging: true,
  objectSetTagging: true,
  objectDeleteTagging: true,
  objectGetRetention: true,
  objectSetRetention: true,
  objectGetLegalHold: true,
  objectSetLegalHold: true,
  objectGetAttributes: true,
  objectSetEncryption: true,
  objectGetAnnotation: true,
  objectSetAnnotation: true,
  objectDeleteAnnotation: true,
  objectListAnnotation: true,
};

test.each(Object.keys(typed))('%s is a method', (name) => {
  expect(Reflect.get(storage, name)).toBeTypeOf('function');
});

test('the tables make the methods that have types, and no others', () => {
  const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const made = Object.entries({ bucket: bucketConfigurations, object: objectConfigurations }).flatMap(
    ([subject, table]) =>
      Object.entries(table).flatMap(([family, { methods }]) =>
        methods.map((verb) => `${subject}${capitalized(verb)}${capitalized(family)}`),
      ),
  );
  expect(new Set(made)).toEqual(new Set(Object.keys(typed)));
  expect(made).toHaveLength(Object.keys(typed).length);
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
  const list = (options: ListKeysOptions): Paged<S3Key | string> => storage.bucketListKeys('bucket', options);
  expectTypeOf(list).returns.toExtend<AsyncGenerator<S3Key | string, void, undefined>>();
  // Common prefixes come where a delimiter is given, which parameters can hold too.
  const { signal } = new AbortController();
  expectTypeOf(storage.bucketListKeys('bucket')).toEqualTypeOf<Paged<S3Key>>();
  expectTypeOf(storage.bucketListKeys('bucket', { prefix: 'a/', signal })).toEqualTypeOf<Paged<S3Key>>();
  expectTypeOf(storage.bucketListKeys('bucket', { delimiter: '/' })).toEqualTypeOf<Paged<S3Key | string>>();
  expectTypeOf(storage.bucketListKeys('bucket', { params: { delimiter: '/' } })).toEqualTypeOf<
    Paged<S3Key | string>
  >();
  expectTypeOf(storage.exists).returns.resolves.toEqualTypeOf<
    readonly [boolean, Readonly<Record<string, string>>]
  >();
  expectTypeOf(storage.bucketGetPolicy).parameter(0).toBeString();
  // What a method gets, its twin can set.
  expectTypeOf<Awaited<ReturnType<Storage['bucketGetPolicy']>>>().toExtend<
    NonNullable<Parameters<Storage['bucketSetPolicy']>[1]['data']>
  >();
});
