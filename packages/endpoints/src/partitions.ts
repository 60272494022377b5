/** A partition of AWS: regions that have accounts, ARNs and host names of their own. */
export interface Partition {
  /** As ARNs name it. */
  readonly id: string;
  /** What its host names end with. */
  readonly dnsSuffix: string;
  /** The region that its global region stands for; undefined where S3 has no global host. */
  readonly globalRegion?: string;
}

const aws: Partition = { id: 'aws', dnsSuffix: 'amazonaws.com', globalRegion: 'us-east-1' };

// By what their regions begin with; all others are in the first.
const others: readonly (readonly [RegExp, Partition])[] = [
  [/^cn-\w+-\d|^aws-cn-global$/, { id: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }],
  [/^us-gov-\w+-\d|^aws-us-gov-global$/, { id: 'aws-us-gov', dnsSuffix: 'amazonaws.com' }],
  [/^us-iso-\w+-\d|^aws-iso-global$/, { id: 'aws-iso', dnsSuffix: 'c2s.ic.gov' }],
  [/^us-isob-\w+-\d|^aws-iso-b-global$/, { id: 'aws-iso-b', dnsSuffix: 'sc2s.sgov.gov' }],
  [/^eu-isoe-\w+-\d|^aws-iso-e-global$/, { id: 'aws-iso-e', dnsSuffix: 'cloud.adc-e.uk' }],
  [/^us-isof-\w+-\d|^aws-iso-f-global$/, { id: 'aws-iso-f', dnsSuffix: 'csp.hci.ic.gov' }],
  [/^eusc-de-\w+-\d/, { id: 'aws-eusc', dnsSuffix: 'amazonaws.eu' }],
];

/**
 * The partition of a region; a region that nobody knows is in the partition `aws`.
 *
 * @see {@link https://docs.aws.amazon.com/general/latest/gr/s3.html}
 */
export function partitionOf(region: string): Partition {
  return others.find(([pattern]) => pattern.test(region))?.[1] ?? aws;
}
