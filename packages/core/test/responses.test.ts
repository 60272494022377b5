import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  checkResponse,
  checkResponseOk,
  getJsonContent,
  getXmlContent,
  type HttpResponse,
  isStorageError,
  S3Response,
  StorageError,
} from '../src/index.ts';

const raw: HttpResponse = {
  status: 200,
  statusText: 'OK',
  headers: {},
  body: '',
  method: 'GET',
  url: 'http://localhost/',
};
const document = { code: 'AccessDenied', message: 'no', requestId: 'R', hostId: 'H', fields: {} };

class Holder {
  response: HttpResponse | null = null;
}

function answering(name: string, result: S3Response | Error): (this: Holder) => Promise<S3Response> {
  const method = async function (this: Holder): Promise<S3Response> {
    if (result instanceof Error) throw result;
    return result;
  };
  return Object.defineProperty(method, 'name', { value: name });
}

const refused = new S3Response(false, 's3://b: AccessDenied', { ...raw, status: 403 }, document);
const missing = new S3Response(
  false,
  's3://b: NotFound',
  { ...raw, status: 404 },
  { ...document, code: 'NotFound' },
);

describe('S3Response', () => {
  test('has the documented defaults, and takes further properties', () => {
    expect(new S3Response()).toMatchObject({ ok: true, error: '', response: null });
    const result = new S3Response().with({ metadata: { a: '1' } });
    expectTypeOf(result.metadata).toEqualTypeOf<{ a: string }>();
    expect(result.metadata).toEqual({ a: '1' });
  });
});

describe('checkResponse', () => {
  test('keeps the raw response in the holder', async () => {
    const holder = new Holder();
    const result = new S3Response(true, '', raw);
    expect(await checkResponse(answering('read', result)).call(holder)).toBe(result);
    expect(holder.response).toBe(raw);
  });

  test('throws form 1 where S3 refused', async () => {
    const holder = new Holder();
    const error: unknown = await checkResponse(answering('read', refused))
      .call(holder)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      msg: 'read',
      exception: 's3://b: AccessDenied',
      response: refused.response,
      code: 'AccessDenied',
      status: 403,
      requestId: 'R',
      hostId: 'H',
    });
    expect(holder.response).toBe(refused.response);
  });

  test('throws form 2 where anything else failed', async () => {
    const cause = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    const error: unknown = await checkResponse(answering('read', cause))
      .call(new Holder())
      .catch((reason: unknown) => reason);
    if (!isStorageError(error)) throw new Error('no StorageError');
    expect(error).toMatchObject({
      msg: 'read: disk full',
      exception: cause,
      response: null,
      cause,
      code: 'ENOSPC',
      status: undefined,
    });
  });

  test('keeps the method’s name, arguments and types', async () => {
    const method = checkResponse(async function bucketGetThing(this: Holder, bucket: string, depth: number) {
      return new S3Response(true, `${bucket} ${depth}`, raw);
    });
    expect(method.name).toBe('bucketGetThing');
    expectTypeOf(method).parameters.toEqualTypeOf<[bucket: string, depth: number]>();
    expect((await method.call(new Holder(), 'b', 2)).error).toBe('b 2');
  });
});

test('checkResponseOk: not found is an answer, a refusal is not', async () => {
  const holder = new Holder();
  expect(await checkResponseOk(answering('exists', new S3Response(true, '', raw))).call(holder)).toBe(true);
  expect(await checkResponseOk(answering('exists', missing)).call(holder)).toBe(false);
  expect(holder.response?.status).toBe(404);
  await expect(checkResponseOk(answering('exists', refused)).call(holder)).rejects.toMatchObject({
    msg: 'exists',
    status: 403,
  });
});

test('getJsonContent gives the object in the body', async () => {
  const method = getJsonContent(
    checkResponse(answering('bucketGetPolicy', new S3Response(true, '', { ...raw, body: '{"Id":"x"}' }))),
  );
  expect(await method.call(new Holder())).toEqual({ Id: 'x' });
  const broken = getJsonContent(
    checkResponse(answering('bucketGetPolicy', new S3Response(true, '', { ...raw, body: '{' }))),
  );
  await expect(broken.call(new Holder())).rejects.toMatchObject({ name: 'StorageError', response: null });
});

test('getXmlContent gives the object in the body, with lists that are always lists', async () => {
  const body = '<Buckets><Bucket><Name>1</Name></Bucket></Buckets>';
  const method = getXmlContent(checkResponse(answering('list', new S3Response(true, '', { ...raw, body }))), [
    'Buckets/Bucket',
  ]);
  expect(await method.call(new Holder())).toEqual({ Buckets: { Bucket: [{ Name: '1' }] } });
  const broken = getXmlContent(
    checkResponse(answering('list', new S3Response(true, '', { ...raw, body: '<a>' }))),
  );
  await expect(broken.call(new Holder())).rejects.toMatchObject({ name: 'StorageError', response: null });
});
