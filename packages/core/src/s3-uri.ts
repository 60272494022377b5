/** `s3://bucket/key`, for messages. */
export function s3Uri(bucket: string | null | undefined, key?: string | undefined): string {
  return `s3://${bucket ?? ''}${key === undefined ? '' : `/${key}`}`;
}
