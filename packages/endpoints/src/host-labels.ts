const label = /^(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/;

/** Whether a text can be one label of a host name. */
export function isHostLabel(text: string): boolean {
  return label.test(text);
}

/** Whether a text can be labels of a host name, with dots between them. */
export function areHostLabels(text: string): boolean {
  return text.split('.').every(isHostLabel);
}

/**
 * Whether a bucket's name can stand before a host name.
 *
 * @param dots - whether it may hold dots: with TLS it may not, as a certificate's wildcard covers one label
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html}
 */
export function isVirtualHostable(bucket: string, dots: boolean): boolean {
  if (bucket.length < 3 || bucket.length > 63 || /[A-Z]/.test(bucket)) return false;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bucket)) return false;
  return dots ? areHostLabels(bucket) : isHostLabel(bucket);
}
