import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

export class MbCommand extends ServiceCommand {
  static override paths = [['mb']];
  static override usage = Command.Usage({
    description: 'Make buckets',
    examples: [
      ['In the region of the configuration', 's3 mb s3://com-example-reports'],
      ['In another one', 's3 mb --region eu-central-1 s3://com-example-reports'],
    ],
  });

  given = options(...connectionOptions, ...outputOptions);
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    await this.each(this.uris, async (uri) => {
      const bucket = this.locateBucket(uri, storage);
      await storage.bucketCreate(bucket, { signal: this.signal });
      await this.output.done({ type: 'bucket', name: uriOf(bucket), size: null }, `make_bucket: ${bucket}`);
    });
  }
}
