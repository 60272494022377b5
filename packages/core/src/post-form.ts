import { contentLengthRange as lengthCondition, type PostCondition, signPostForm } from '@s3kit/sigv4';
import type { Connection } from './connection.ts';
import { orRefused } from './refused-argument.ts';
import type { ObjectName } from './s3-name.ts';

/** What an upload form lets its user do. */
export interface PresignPostOptions {
  /** Seconds until the form expires, 1 to 604,800 (a week). @default 3600 */
  readonly expiresIn?: number | undefined;
  /** Fields with a value that is known now, such as `Content-Type`, `acl` or `x-amz-meta-...`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** What the fields must hold that the page adds itself, such as `['starts-with', '$Content-Type', 'image/']`. */
  readonly conditions?: readonly PostCondition[] | undefined;
  /** How long the file may be, in bytes: the least and the most, both included. @default anything */
  readonly contentLengthRange?: readonly [minimum: number, maximum: number] | undefined;
}

/** A form that uploads a file. */
export interface PresignedPost {
  /** Where it is sent, by POST as `multipart/form-data`. */
  readonly url: string;
  /** The fields, in order. The file follows them, in a field named `file`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Signs a form by which whoever has it can upload a file. */
export async function presignPost(
  connection: Connection,
  { bucket, key }: ObjectName,
  { expiresIn, fields, conditions = [], contentLengthRange }: PresignPostOptions,
): Promise<PresignedPost> {
  const { signer, date, region, url } = await connection.signing(bucket);
  const form = await orRefused(() =>
    signPostForm(signer, {
      bucket,
      key,
      date,
      region,
      conditions: [
        ...(contentLengthRange === undefined ? [] : [lengthCondition(...contentLengthRange)]),
        ...conditions,
      ],
      ...(expiresIn === undefined ? {} : { expiresIn }),
      ...(fields === undefined ? {} : { fields }),
    }),
  );
  return { url, fields: form.fields };
}
