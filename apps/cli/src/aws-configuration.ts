export { connectionConfig, isCredentialsError } from '@s3kit/credentials';
