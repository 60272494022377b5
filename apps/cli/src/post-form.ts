import type { S3Name, Storage } from '@s3kit/core';
import { contentLengthRange, Signer, signPostForm } from '@s3kit/sigv4';
import { UsageError } from 'clipanion';
import { findConfiguration } from './configuration.ts';

/** A form by which a browser can upload a file without keys: where it is sent, and its fields. */
export interface PostForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Signs the form of an upload to a name; `${filename}` in its key stands for the name of the file. */
export async function postFormFor(
  { connection }: Storage,
  name: S3Name,
  options: {
    readonly expiresIn: number;
    readonly maximumSize: number | undefined;
    readonly config: string | undefined;
  },
  environment: NodeJS.ProcessEnv,
): Promise<PostForm> {
  const { config } = await findConfiguration({ config: options.config }, environment);
  const { accessKeyId, secretAccessKey, sessionToken, credentials: given } = config;
  const pair = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const credentials = typeof given === 'function' ? await given() : (given ?? pair);
  const { bucket = connection.defaultBucket, key } = name;
  if (bucket === undefined) throw new UsageError('no bucket: write s3://BUCKET/KEY, or add --bucket');
  // 'anonymous' signs nothing, and a configuration without it has both keys.
  if (
    typeof credentials === 'string' ||
    credentials.accessKeyId === undefined ||
    credentials.secretAccessKey === undefined
  )
    throw new UsageError('a form is signed, and there are no keys');
  const { accessKeyId: id, secretAccessKey: secret } = credentials;
  const token = credentials.sessionToken;
  const signer = new Signer({
    region: connection.region,
    credentials: {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token }),
    },
  });
  const { fields } = signPostForm(signer, {
    bucket,
    key,
    expiresIn: options.expiresIn,
    ...(options.maximumSize === undefined
      ? {}
      : { conditions: [contentLengthRange(0, options.maximumSize)] }),
  });
  // The bucket's own address, without the key and the signature of the URL that leads to one.
  const url = new URL(await connection.presign({ method: 'GET', bucket }, 60));
  url.search = '';
  return { url: url.href, fields };
}
