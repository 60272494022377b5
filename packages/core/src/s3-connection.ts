import { checkedCredentials, checkedScopePart } from '@s3kit/sigv4';
import { Connection, type ConnectionSettings, type S3ConnectionRuntime } from './connection.ts';
import { readConnectionConfig, type S3ConnectionInput } from './connection-config.ts';
import { parseEndpoint } from './endpoint-settings.ts';
import { checkPartSize } from './part-plan.ts';
import { resolveService } from './services.ts';

/**
 * A service, and who asks it, by a configuration.
 *
 * Keys are never shown: not by `util.inspect`, not in JSON, not in a message.
 */
export class S3Connection extends Connection {
  /**
   * @param config - the keys of `s3.yaml`, as they are spelt there or in camel case
   * @throws {ConfigError} an unknown key, a value of the wrong type, or a missing key
   * @throws {RangeError} `partSize` is outside of S3's limits
   */
  constructor(config: S3ConnectionInput, runtime: S3ConnectionRuntime = {}) {
    super(settingsOf(config), runtime);
    if (runtime.partSize !== undefined) checkPartSize(runtime.partSize, undefined, this.limits);
  }
}

function settingsOf(config: S3ConnectionInput): ConnectionSettings {
  const settings = readConnectionConfig(config);
  const service = resolveService(settings);
  const region = checkedScopePart(service.region, 'region');
  const addressingStyle = settings.addressingStyle ?? service.addressingStyle;
  const { accessKeyId = '', secretAccessKey = '', sessionToken } = settings;
  const credentials = settings.credentials ?? {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  // Whoever wants contents signed wants them hashed first.
  const trailers = settings.payloadSigning !== 'always' && service.trailers;
  return {
    ...settings,
    service: { ...service, trailers },
    region,
    endpoint: parseEndpoint({ endpoint: service.endpoint, tls: settings.tls, region, addressingStyle }),
    credentials: typeof credentials === 'object' ? checkedCredentials(credentials) : credentials,
  };
}
