export { connectionConfig, isCredentialsError, proxyAgents } from '@s3kit/credentials';
