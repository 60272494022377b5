import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { operationName } from '../src/operation-name.ts';
import { traceConnection } from '../src/otel.ts';
import { refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
beforeEach(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  exporter.reset();
  server = await ScriptedServer.start(reply(200));
});
afterEach(async () => {
  context.disable();
  await server.close();
});

function named(name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

test('a call is a span below the active one, and each attempt is one below it', async () => {
  server.script(reset, reply(200, '', { 'x-amz-request-id': 'R9', 'x-amz-id-2': 'H9' }));
  const storage = server.storage({ retry: { statusCodes: [104] } });
  traceConnection(storage.connection, { tracerProvider });
  const parent = tracerProvider.getTracer('test').startSpan('parent');
  await context.with(trace.setSpan(context.active(), parent), () => storage.write({ text: 'hello' }, 'a'));
  parent.end();

  const [call] = named('S3.PutObject');
  expect(call?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  expect(call?.attributes).toEqual({
    'rpc.system': 'aws-api',
    'rpc.service': 'S3',
    'rpc.method': 'PutObject',
    'server.address': '127.0.0.1',
    'server.port': server.port,
    'cloud.region': 'us-east-1',
    'aws.s3.bucket': 'bucket',
    'aws.s3.key': 'a',
    'http.response.status_code': 200,
    'http.request.resend_count': 1,
  });
  expect(call?.events).toMatchObject([{ name: 'retry' }]);
  const attempts = named('PUT');
  expect(attempts.map((span) => span.parentSpanContext?.spanId)).toEqual([
    call?.spanContext().spanId,
    call?.spanContext().spanId,
  ]);
  expect(attempts[0]).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'ECONNRESET' },
  });
  expect(attempts[1]?.attributes).toMatchObject({
    'http.request.method': 'PUT',
    'url.full': `http://127.0.0.1:${server.port}/bucket/a`,
    'http.response.status_code': 200,
    'http.request.body.size': 5,
    'aws.request_id': 'R9',
    'aws.extended_request_id': 'H9',
  });
  for (const { headers } of server.arrived) expect(headers).not.toHaveProperty('traceparent');
});

test('a refusal is an error of the call and of its attempt', async () => {
  server.script(refuse(404, 'NoSuchKey', 'none'));
  const storage = server.storage();
  traceConnection(storage.connection, { tracerProvider });
  await storage.readText('k').catch(() => undefined);
  expect(named('S3.GetObject')).toMatchObject([
    {
      status: { code: SpanStatusCode.ERROR, message: 'NoSuchKey: none' },
      attributes: { 'error.type': 'NoSuchKey', 'aws.request_id': 'R1', 'http.response.status_code': 404 },
    },
  ]);
  expect(named('GET')).toMatchObject([{ status: { code: SpanStatusCode.ERROR } }]);
});

test('a download that breaks off is an error of the call and of its attempt, both as long as it took', async () => {
  server.script((_, response) => {
    response.writeHead(200, { 'content-length': 6 }).write('abc');
    setTimeout(() => response.socket?.destroy(), 200);
  });
  const storage = server.storage({ retry: { limit: 1 } });
  traceConnection(storage.connection, { tracerProvider });
  await storage.readText('k').catch(() => undefined);
  for (const name of ['S3.GetObject', 'GET']) {
    const [span] = named(name);
    expect(span).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'ECONNRESET' },
    });
    const [seconds = 0, nanoseconds = 0] = span?.duration ?? [];
    expect(seconds * 1_000 + nanoseconds / 1e6).toBeGreaterThan(190);
  }
});

test('when tracing has ended, nothing is traced', async () => {
  const storage = server.storage();
  traceConnection(storage.connection, { tracerProvider })();
  await storage.exists('k');
  expect(exporter.getFinishedSpans()).toEqual([]);
});

// The names of S3's API reference.
test.each([
  ['GET', undefined, undefined, '', 'ListBuckets'],
  ['GET', 'b', undefined, '?list-type=2&prefix=a', 'ListObjectsV2'],
  ['GET', 'b', undefined, '?prefix=a', 'ListObjects'],
  ['GET', 'b', undefined, '?versions=', 'ListObjectVersions'],
  ['PUT', 'b', undefined, '', 'CreateBucket'],
  ['PUT', 'b', undefined, '?cors=', 'PutBucketCors'],
  ['DELETE', 'b', undefined, '?policy=', 'DeleteBucketPolicy'],
  ['GET', 'b', undefined, '?lifecycle=', 'GetBucketLifecycleConfiguration'],
  ['POST', 'b', undefined, '?delete=', 'DeleteObjects'],
  ['HEAD', 'b', 'k', '?versionId=1', 'HeadObject'],
  ['PUT', 'b', 'k', '?partNumber=1&uploadId=u', 'UploadPart'],
  ['POST', 'b', 'k', '?uploads=', 'CreateMultipartUpload'],
  ['POST', 'b', 'k', '?uploadId=u', 'CompleteMultipartUpload'],
  ['DELETE', 'b', 'k', '?uploadId=u', 'AbortMultipartUpload'],
  ['GET', 'b', 'k', '?uploadId=u&part-number-marker=0', 'ListParts'],
  ['PUT', 'b', 'k', '?acl=', 'PutObjectAcl'],
])('%s of %s/%s%s%s is %s', (method, bucket, key, query, expected) => {
  const call = { method, bucket, key, url: `https://h/b/k${query}`, bytes: 0 };
  expect(operationName(call, {})).toBe(expected);
});

test('a PUT with a source is a copy', () => {
  const call = { method: 'PUT', bucket: 'b', key: 'k', bytes: 0 };
  const headers = { 'x-amz-copy-source': '/a/b' };
  expect(operationName({ ...call, url: 'https://h/b/k' }, headers)).toBe('CopyObject');
  expect(operationName({ ...call, url: 'https://h/b/k?partNumber=1&uploadId=u' }, headers)).toBe(
    'UploadPartCopy',
  );
});
