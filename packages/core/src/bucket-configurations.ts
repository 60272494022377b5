/** How a family of bucket configuration is asked for and set. */
export interface BucketConfiguration {
  /** The query parameter that names it. */
  readonly subresource: string;
  readonly format: 'xml' | 'json';
  readonly methods: readonly ('get' | 'set' | 'delete')[];
  /** The tags of its document that are lists, however often they stand there. */
  readonly lists: readonly string[];
}

/**
 * The families of bucket configuration. The methods of `Storage` that get, set and delete them come from this table.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}
 */
export const bucketConfigurations: Readonly<Record<string, BucketConfiguration>> = {
  acl: { subresource: 'acl', format: 'xml', methods: ['get', 'set'], lists: ['AccessControlList/Grant'] },
  cors: {
    subresource: 'cors',
    format: 'xml',
    methods: ['get', 'set', 'delete'],
    lists: [
      'CORSConfiguration/CORSRule',
      'CORSRule/AllowedHeader',
      'CORSRule/AllowedMethod',
      'CORSRule/AllowedOrigin',
      'CORSRule/ExposeHeader',
    ],
  },
  lifecycle: {
    subresource: 'lifecycle',
    format: 'xml',
    methods: ['get', 'set', 'delete'],
    lists: ['LifecycleConfiguration/Rule', 'And/Tag', 'Rule/Transition', 'Rule/NoncurrentVersionTransition'],
  },
  location: { subresource: 'location', format: 'xml', methods: ['get'], lists: [] },
  logging: { subresource: 'logging', format: 'xml', methods: ['get', 'set'], lists: ['TargetGrants/Grant'] },
  notification: {
    subresource: 'notification',
    format: 'xml',
    methods: ['get', 'set'],
    lists: [
      'NotificationConfiguration/TopicConfiguration',
      'NotificationConfiguration/QueueConfiguration',
      'NotificationConfiguration/CloudFunctionConfiguration',
      'TopicConfiguration/Event',
      'QueueConfiguration/Event',
      'CloudFunctionConfiguration/Event',
      'S3Key/FilterRule',
    ],
  },
  policy: { subresource: 'policy', format: 'json', methods: ['get', 'set', 'delete'], lists: [] },
  requestPayment: { subresource: 'requestPayment', format: 'xml', methods: ['get', 'set'], lists: [] },
  tagging: {
    subresource: 'tagging',
    format: 'xml',
    methods: ['get', 'set', 'delete'],
    lists: ['TagSet/Tag'],
  },
  versioning: { subresource: 'versioning', format: 'xml', methods: ['get', 'set'], lists: [] },
  versions: {
    subresource: 'versions',
    format: 'xml',
    methods: ['get'],
    lists: [
      'ListVersionsResult/Version',
      'ListVersionsResult/DeleteMarker',
      'ListVersionsResult/CommonPrefixes',
    ],
  },
  website: {
    subresource: 'website',
    format: 'xml',
    methods: ['get', 'set', 'delete'],
    lists: ['RoutingRules/RoutingRule'],
  },
};
