import { lookup } from 'node:dns/promises';
import { isInvalidArgument, isStorageError, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { exitStatus } from '../exit-status.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { messageOf } from '../output.ts';
import { ServiceCommand } from '../service-command.ts';

const mendings: Readonly<Record<string, string>> = {
  ENOTFOUND: 'check the name in endpoint, and the network',
  EAI_AGAIN: 'no name server answers: check the network, and the name in endpoint',
  ECONNREFUSED: 'nothing listens there: check the host and the port in endpoint',
  ERR_SSL_WRONG_VERSION_NUMBER: 'make it http:// in endpoint',
  ERR_S3KIT_PROXY: 'check HTTPS_PROXY and HTTP_PROXY; NO_PROXY has the hosts that are reached without',
  ERR_S3KIT_NO_S3:
    'check the host and the port in endpoint: those of the API may be others than those of the web interface',
  ETIMEDOUT: 'a firewall or a proxy may be in between',
  CERT_HAS_EXPIRED: 'the certificate of the service has to be renewed',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'set AWS_CA_BUNDLE, or NODE_EXTRA_CA_CERTS, to the certificate of the authority',
  InvalidAccessKeyId: 'the service does not know access_key_id: check it, and that it is of this endpoint',
  SignatureDoesNotMatch: 'secret_access_key is wrong',
  RequestTimeTooSkewed: 'set the clock of this machine',
  AccessDenied: 'the keys are right, but may not do this: see the policy of the user and of the bucket',
  AuthorizationHeaderMalformed: 'set region to the one that S3 names',
  NoSuchBucket: 'check the name, or make it with: s3 mb s3://NAME',
};

/** Where requests are not signed, other things are to be done. */
const withoutKeys: Readonly<Record<string, string>> = {
  AccessDenied: 'without keys, only what the policy of the bucket leaves to everybody is allowed',
};

export class DoctorCommand extends ServiceCommand {
  static override paths = [['doctor']];
  static override usage = Command.Usage({
    description:
      'Look for what is wrong with the configuration, the network or the keys, and say how to mend it',
    examples: [
      ['The service', 's3 doctor'],
      ['A bucket too', 's3 doctor s3://my-bucket'],
    ],
  });

  given = options(...connectionOptions, ...outputOptions);
  uri = Option.String({ name: 'bucket', required: false });
  #hasFailed = false;
  #isAnonymous = false;

  override async run(): Promise<number> {
    const storage = await this.open();
    const { connection } = storage;
    const bucket =
      this.uri === undefined ? connection.defaultBucket : this.locateRemote(this.uri, storage, true).bucket;
    const url = new URL(`${connection.tls ? 'https' : 'http'}://${connection.endpoint}`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const { signal } = this;
    // Without keys, nothing can be signed for others either; whatever else is wrong with them is told of below.
    this.#isAnonymous = await connection.signing('any-bucket').then(() => false, isInvalidArgument);
    await this.#check('configuration', async () => `${url.origin}, region ${connection.region}`);
    const { proxyOf } = await import('../aws-configuration.ts');
    const proxy = proxyOf(url, this.environment);
    const isNamed = await this.#check('name resolution', async () =>
      // The name need not be known here.
      proxy === undefined ? `${host} is ${(await lookup(host)).address}` : `left to the proxy ${proxy.host}`,
    );
    const isReached =
      isNamed && (await this.#check(connection.tls ? 'TLS' : 'connection', () => reach(storage, signal)));
    if (isReached) {
      await this.#check('credentials', async () => {
        // Whether these keys may list all buckets or not: S3 says first whether it knows them.
        try {
          // Anything answers that all is well: what is read is S3's.
          await storage.bucketList({ signal }).next();
          return this.#isAnonymous
            ? 'none; the buckets are listed without'
            : 'S3 knows the keys, and they may list the buckets';
        } catch (error) {
          if (isStorageError(error) && error.code === 'AccessDenied')
            return this.#isAnonymous
              ? 'none, as was asked for'
              : 'S3 knows the keys; they may not list the buckets';
          throw error;
        }
      });
      await this.#check('clock', () => this.#clock(storage));
      if (bucket !== undefined) await this.#bucket(storage, bucket);
    }
    return this.#hasFailed ? exitStatus.failed : exitStatus.done;
  }

  async #clock(storage: Storage): Promise<string> {
    const { response } = await storage.connection.send({ method: 'GET', signal: this.signal });
    const date = response.headers['date'];
    if (date === undefined) return 'the service does not tell its time';
    const ahead = Math.round((Date.now() - new Date(date).getTime()) / 1000);
    if (Math.abs(ahead) > 300)
      throw Object.assign(
        new Error(`this machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}`),
        { code: 'RequestTimeTooSkewed' },
      );
    return `within ${Math.max(Math.abs(ahead), 1)} s of the service's`;
  }

  async #bucket(storage: Storage, bucket: string): Promise<void> {
    const { signal } = this;
    await this.#check(`listing s3://${bucket}`, async () => {
      await storage.bucketGet(bucket, { params: { 'list-type': '2', 'max-keys': '1' }, signal });
      return 'allowed';
    });
    await this.#check(`region of s3://${bucket}`, async () => {
      const { headers } = await storage.request({ method: 'HEAD', bucket, signal });
      return headers['x-amz-bucket-region'] ?? 'the service does not tell';
    });
  }

  async #check(subject: string, look: () => Promise<string>): Promise<boolean> {
    try {
      const found = await look();
      await this.output.result(
        { type: 'text', name: subject, size: null, message: found },
        `ok    ${subject}: ${found}`,
      );
      return true;
    } catch (error) {
      this.signal.throwIfAborted();
      this.#hasFailed = true;
      const message = messageOf(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const mending = (this.#isAnonymous ? withoutKeys : mendings)[code] ?? mendings[code];
      await this.output.result(
        {
          type: 'text',
          name: subject,
          size: null,
          status: 'failed',
          message,
          code,
          ...(mending === undefined ? {} : { mending }),
        },
        `WRONG ${subject}: ${message}`,
        ...(mending === undefined ? [] : [`      ${mending}`]),
      );
      return false;
    }
  }
}

/** Whether the service answers, whatever it says: by the way that all requests go, with its proxies and authorities. */
async function reach(storage: Storage, signal: AbortSignal): Promise<string> {
  await storage.request({ method: 'GET', signal }).catch((error: unknown) => {
    if (!isStorageError(error) || error.response === null) throw error;
  });
  return 'the service answers';
}
