import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';
import { nestedProperties, type Properties } from './parse-shared-config.ts';
import type { Setting } from './settings.ts';
import type { SharedConfig } from './shared-config.ts';

/** The profile's place, as it is named where a setting comes from. */
export function profileSource({ profile, configFile }: SharedConfig): string {
  return `profile ${profile} in ${configFile}`;
}

/** Whether a text means yes; AWS writes `true`, in any case. */
function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

/**
 * The endpoint that environment and files set for a service: the service's own variable, the variable for all services,
 * the service's block in the profile's `services` section, the profile's `endpoint_url`.
 *
 * @param service - the service's identifier, as in `AWS_ENDPOINT_URL_S3`; in lower case
 * @throws {CredentialsError} the profile names a `services` section that is not there
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html}
 */
export function endpointUrl(
  service: 's3' | 'sts',
  environment: Environment,
  config: SharedConfig,
): Setting<string> | undefined {
  const profile = config.profiles[config.profile] ?? {};
  const ignored =
    variable(environment, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') ??
    profile['ignore_configured_endpoint_urls'];
  if (isTrue(ignored)) return undefined;
  for (const name of [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, 'AWS_ENDPOINT_URL']) {
    const value = variable(environment, name);
    if (value !== undefined) return { value, source: name };
  }
  const { services, endpoint_url: global } = profile;
  const own = services && nestedProperties(servicesNamed(services, config)[service])['endpoint_url'];
  if (own) return { value: own, source: `services ${services} in ${config.configFile}` };
  return global ? { value: global, source: profileSource(config) } : undefined;
}

/** The blocks of a `services` section. Without it, what is meant for a service of one's own would go to Amazon. */
function servicesNamed(name: string, { services, profile, configFile }: SharedConfig): Properties {
  const section = services[name];
  if (section !== undefined) return section;
  throw new CredentialsError(
    `the profile ${JSON.stringify(profile)} is configured to use the services section ${JSON.stringify(name)}, which does not exist`,
    { file: configFile, profile },
  );
}
