export { connectionConfig, isCredentialsError, proxyAgents, proxyOf } from '@s3kit/credentials';
