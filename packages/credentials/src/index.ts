export type { CredentialProvider, Credentials } from '@s3kit/sigv4';
export {
  type ConnectionConfig,
  type ConnectionConfigOptions,
  connectionConfig,
} from './connection-config.ts';
export {
  type CredentialPlan,
  type CredentialStep,
  type NamedSource,
  planCredentials,
} from './credential-plan.ts';
export { CredentialsError, type CredentialsErrorPlace, isCredentialsError } from './credentials-error.ts';
export {
  type CredentialsOptions,
  defaultCredentials,
  fromContainer,
  fromEnvironment,
  fromInstanceMetadata,
  fromProfile,
} from './default-credentials.ts';
export type { Environment } from './environment.ts';
export {
  nestedProperties,
  type ParsedConfig,
  type Properties,
  parseSharedConfig,
  type Sections,
  type SharedFileKind,
} from './parse-shared-config.ts';
export { type HttpAgents, type ProxyOptions, proxyAgents, proxyOf, type SomeAgents } from './proxy-agents.ts';
export {
  type AwsSettings,
  type ChecksumMode,
  loadSettings,
  type RetryMode,
  type Setting,
} from './settings.ts';
export {
  loadSharedConfig,
  type SharedConfig,
  type SharedConfigLocations,
  type SharedConfigOptions,
  sharedConfigLocations,
} from './shared-config.ts';
