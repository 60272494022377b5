export { loadConfig } from '@s3kit/core';
