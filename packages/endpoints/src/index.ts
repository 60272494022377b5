export { type Arn, parseArn } from './arn.ts';
export { type Partition, partitionOf } from './partitions.ts';
export { type EndpointParameters, resolveEndpoint } from './resolve-endpoint.ts';
export type { ResolvedEndpoint, Signing } from './resolved-endpoint.ts';
