// The clients that are measured, each as its documentation shows it, with the same part size and concurrency where these
// can be set. A client is loaded only in the process that measures it.
import { createReadStream, createWriteStream, openAsBlob, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Bytes of a part, and parts at a time. */
export const partSize = 8 * 1024 * 1024;
export const partConcurrency = 4;

/** The bucket of all objects. */
export const bucket = 'benchmark';
const region = 'us-east-1';

/**
 * Each makes a client of a service on this machine, `{ port, accessKeyId, secretAccessKey }`: `upload(file, key)` and `download(key, file)` for large files, `put(key, bytes)` and
 * `get(key)` (which resolves to the bytes) for small objects.
 */
export const contenders = {
  s3kit: { packageName: '@s3kit/core', connect: (service) => connectS3kit(service, 'auto') },

  // As over TLS, where the content is not signed, and goes with its checksum alone.
  's3kit unsigned': { packageName: '@s3kit/core', connect: (service) => connectS3kit(service, 'never') },

  'aws-sdk': {
    packageName: '@aws-sdk/client-s3',
    async connect({ port, accessKeyId, secretAccessKey }) {
      const { S3Client, GetObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3');
      const { Upload } = await import('@aws-sdk/lib-storage');
      const client = new S3Client({
        region,
        endpoint: `http://127.0.0.1:${port}`,
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey },
      });
      return {
        upload: (file, Key) =>
          new Upload({
            client,
            partSize,
            queueSize: partConcurrency,
            params: { Bucket: bucket, Key, Body: createReadStream(file) },
          }).done(),
        async download(Key, file) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
          await pipeline(Body, createWriteStream(file));
        },
        put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
        async get(Key) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
          return Body.transformToByteArray();
        },
      };
    },
  },

  minio: {
    packageName: 'minio',
    async connect({ port, accessKeyId, secretAccessKey }) {
      const { Client } = await import('minio');
      const client = new Client({
        endPoint: '127.0.0.1',
        port,
        useSSL: false,
        accessKey: accessKeyId,
        secretKey: secretAccessKey,
        region,
        partSize,
      });
      return {
        upload: (file, key) => client.fPutObject(bucket, key, file),
        download: (key, file) => client.fGetObject(bucket, key, file),
        put: (key, bytes) => client.putObject(bucket, key, bytes),
        async get(key) {
          return Buffer.concat(await (await client.getObject(bucket, key)).toArray());
        },
      };
    },
  },

  s3mini: {
    packageName: 's3mini',
    async connect({ port, accessKeyId, secretAccessKey }) {
      const { S3mini } = await import('s3mini');
      const client = new S3mini({
        accessKeyId,
        secretAccessKey,
        region,
        endpoint: `http://127.0.0.1:${port}/${bucket}`,
        minPartSize: partSize,
      });
      return {
        upload: async (file, key) => client.putAnyObject(key, await openAsBlob(file)),
        async download(key, file) {
          const response = await client.getObjectResponse(key);
          await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
        },
        put: (key, bytes) => client.putObject(key, bytes),
        get: async (key) => Buffer.from(await client.getObjectArrayBuffer(key)),
      };
    },
  },

  's3-lite': {
    packageName: '@bradenmacdonald/s3-lite-client',
    async connect({ port, accessKeyId, secretAccessKey }) {
      const { S3Client } = await import('@bradenmacdonald/s3-lite-client');
      const client = new S3Client({
        endPoint: `http://127.0.0.1:${port}`,
        region,
        accessKey: accessKeyId,
        secretKey: secretAccessKey,
        bucket,
        pathStyle: true,
      });
      return {
        upload: (file, key) =>
          client.putObject(key, Readable.toWeb(createReadStream(file)), {
            size: statSync(file).size,
            partSize,
          }),
        async download(key, file) {
          const response = await client.getObject(key);
          await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
        },
        put: (key, bytes) => client.putObject(key, bytes),
        get: async (key) => Buffer.from(await (await client.getObject(key)).arrayBuffer()),
      };
    },
  },
};

async function connectS3kit({ port, accessKeyId, secretAccessKey }, payloadSigning) {
  const { S3Connection, Storage } = await import('@s3kit/core');
  const connection = new S3Connection(
    {
      accessKeyId,
      secretAccessKey,
      region,
      endpoint: `http://127.0.0.1:${port}`,
      defaultBucket: bucket,
      payloadSigning,
    },
    { partSize, partConcurrency },
  );
  const storage = new Storage(connection);
  const sent = async (call) => {
    const answer = await connection.send({ bucket, ...call });
    if (answer.error !== undefined) throw new Error(answer.error.code);
  };
  return {
    upload: (file, key) => storage.write(file, key),
    download: (key, file) => storage.read(key, file),
    put: (key, bytes) => sent({ method: 'PUT', key, body: { kind: 'bytes', bytes } }),
    async get(key) {
      const chunks = [];
      await sent({
        method: 'GET',
        key,
        async receive({ body }) {
          for await (const chunk of body) chunks.push(chunk);
        },
      });
      return Buffer.concat(chunks);
    },
  };
}

/** The installed version of a package, whether or not it lets its package.json be imported. */
export function versionOf(packageName) {
  const paths = createRequire(import.meta.url).resolve.paths(packageName) ?? [];
  for (const path of paths) {
    try {
      return JSON.parse(readFileSync(join(path, packageName, 'package.json'), 'utf8')).version;
    } catch {
      // Not in this folder: on to the next one up.
    }
  }
  throw new Error(`${packageName} is not installed below ${dirname(import.meta.filename)}`);
}
