import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Connection, type S3ConnectionRuntime, S3Name, Storage } from '../src/index.ts';

const MiB = 1024 * 1024;
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', defaultBucket: 'bucket' };

let server: http.Server;
let asked: (string | undefined)[];
let taken: number;
let connections: number;
beforeEach(async () => {
  asked = [];
  taken = 0;
  connections = 0;
  server = http.createServer();
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function storage(runtime: S3ConnectionRuntime = {}): Storage {
  const { port } = server.address() as AddressInfo;
  return new Storage(
    new S3Connection({ ...keys, endpoint: `http://127.0.0.1:${port}`, retry: { limit: 1 } }, runtime),
  );
}

function take(request: http.IncomingMessage, response: http.ServerResponse): void {
  asked.push(request.headers.expect);
  request.on('data', (chunk: Buffer) => {
    taken += chunk.byteLength;
  });
  request.on('end', () => response.end());
}

describe('a large body', () => {
  test('is not sent to a service that refuses it', async () => {
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      asked.push(request.headers.expect);
      request.on('data', (chunk: Buffer) => {
        taken += chunk.byteLength;
      });
      response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    });
    await expect(storage().write(new Uint8Array(4 * MiB), 'k')).rejects.toThrow(/AccessDenied/);
    expect(asked).toEqual(['100-continue']);
    expect(taken).toBe(0);
  });

  test('is sent when the service says so, and the bucket is not asked again', async () => {
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      response.writeContinue();
      take(request, response);
    });
    server.on('request', take);
    const there = storage();
    await there.write(new Uint8Array(4 * MiB), 'k');
    await there.write(new Uint8Array(4 * MiB), 'k');
    expect(asked).toEqual(['100-continue', undefined]);
    expect(taken).toBe(8 * MiB);
    expect(connections).toBe(1);
  });

  test('is sent after a second to a service that says nothing', async () => {
    server.on('checkContinue', take);
    await storage().write(new Uint8Array(4 * MiB), 'k');
    expect(asked).toEqual(['100-continue']);
    expect(taken).toBe(4 * MiB);
  });

  // RFC 9110, section 10.1.1: a client that receives 417 in answer to an expectation should repeat the request without it.
  test.each([
    ['by itself', {}],
    ['through an agent', { httpAgent: new http.Agent({ keepAlive: true }) }],
  ])(
    'is sent at once to a service that takes no question, which is not asked again, %s',
    async (_, runtime) => {
      server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
        asked.push(request.headers.expect);
        response.writeHead(417).end();
      });
      server.on('request', take);
      const there = storage(runtime);
      const errors: unknown[] = [];
      there.connection.on('error', (event) => errors.push(event));
      there.connection.on('retry', (event) => errors.push(event));
      await there.write(new Uint8Array(4 * MiB), new S3Name('k', 'one'));
      await there.write(new Uint8Array(4 * MiB), new S3Name('k', 'two'));
      expect(asked).toEqual(['100-continue', undefined, undefined]);
      expect(taken).toBe(8 * MiB);
      expect(errors).toEqual([]);
      there.connection.close();
    },
  );

  test('a 417 to a request that has asked nothing is an answer like any other', async () => {
    server.on('request', (_: http.IncomingMessage, response: http.ServerResponse) => {
      asked.push(undefined);
      response.writeHead(417).end();
    });
    await expect(storage().write(new Uint8Array(10), 'k')).rejects.toMatchObject({ status: 417 });
    expect(asked).toHaveLength(1);
  });

  test('after a refusal, the next request goes on a connection that is not waiting for a body', async () => {
    server.on('checkContinue', (_: http.IncomingMessage, response: http.ServerResponse) => {
      response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    });
    server.on('request', take);
    const there = storage();
    await expect(there.write(new Uint8Array(4 * MiB), 'k')).rejects.toThrow(/AccessDenied/);
    await there.write(new Uint8Array(10), 'k');
    expect(taken).toBe(10);
  });
});

test('a small body is not worth the question', async () => {
  server.on('request', take);
  await storage().write(new Uint8Array(MiB - 1), 'k');
  expect(asked).toEqual([undefined]);
});
