import { S3Name } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { parseBytes, parseSeconds } from '../quantities.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'POST'] as const;

export class PresignCommand extends ServiceCommand {
  static override paths = [['presign']];
  static override usage = Command.Usage({
    description: 'Print a URL that lets whoever has it get a file, without keys, until it expires',
    examples: [
      ['For an hour', 's3 presign may.txt'],
      ['By its URI', 's3 presign s3://my-bucket/may.txt'],
      ['A form for browsers, as JSON', 's3 presign s3://my-bucket/in/a.jpg --method POST --max-size 10MiB'],
      ['For uploads, for ten minutes', 's3 presign may.txt --method PUT --expires-in 600'],
    ],
  });

  method = Option.String('--method', 'GET', {
    description: `the request that the URL makes: ${methods.join(', ')}; default: GET`,
  });
  expiresIn = Option.String('--expires-in', '3600', {
    description: 'seconds until the URL expires, or 15m, 12h, 7d, which is the longest; default: 3600',
  });
  maximumSize = Option.String('--max-size', {
    description: 'with --method POST: the largest file that the form takes, such as 10MiB',
  });
  given = options(...connectionOptions, ...outputOptions, 'literal');
  uri = Option.String({ name: 'uri' });

  override async run(): Promise<undefined> {
    const method = methods.find((known) => known === this.method.toUpperCase());
    if (method === undefined)
      throw new UsageError(`--method is one of ${methods.join(', ')}, not ${JSON.stringify(this.method)}`);
    const expiresIn = parseSeconds(this.expiresIn);
    if (expiresIn === undefined || expiresIn < 1 || expiresIn > 604_800) {
      throw new UsageError(
        `--expires-in is a number of seconds from 1 to 604800, or a time such as 12h, not ${JSON.stringify(this.expiresIn)}`,
      );
    }
    if (this.maximumSize !== undefined && method !== 'POST')
      throw new UsageError('--max-size is of --method POST: a URL cannot limit what is sent to it');
    const maximumSize = this.maximumSize === undefined ? undefined : parseBytes(this.maximumSize);
    if (this.maximumSize !== undefined && maximumSize === undefined)
      throw new UsageError(`--max-size is a number of bytes, not ${JSON.stringify(this.maximumSize)}`);
    if (this.given['sse-c-key'] !== undefined)
      throw new UsageError(
        '--sse-c-key: it is who uses the URL who has to send the key, in headers of his request',
      );
    const storage = await this.open();
    const { bucket, key } = this.locateObject(this.uri, storage);
    const object = new S3Name(key, bucket);
    const told = { type: 'object', name: uriOf(bucket, key), size: null, method, expiresIn } as const;
    // A header of all other commands' requests; here it is a part of what is signed.
    const payer = this.given['request-payer'] ? { 'x-amz-request-payer': 'requester' } : {};
    if (method === 'POST') {
      const form = await storage.presignPost(object, {
        expiresIn,
        fields: payer,
        ...(maximumSize === undefined ? {} : { contentLengthRange: [0, maximumSize] }),
      });
      await this.output.result({ ...told, ...form }, JSON.stringify(form));
      return;
    }
    const url = await storage.presign(object, { method, expiresIn, params: payer });
    await this.output.result({ ...told, url }, url);
  }
}
