/** The parts of an Amazon Resource Name. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** The resource, cut at its colons and slashes. */
  readonly resource: readonly string[];
}

/**
 * Takes an ARN apart, or resolves to undefined where it has not six parts that hold something; region and account may be empty.
 *
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html}
 */
export function parseArn(text: string): Arn | undefined {
  const [, partition, service, region = '', account = '', resource] =
    /^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$/s.exec(text) ?? [];
  if (partition === undefined || service === undefined || resource === undefined) return undefined;
  return { partition, service, region, account, resource: resource.split(/[:/]/) };
}
