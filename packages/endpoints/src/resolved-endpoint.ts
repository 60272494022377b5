/** How requests to an endpoint are signed. */
export type Signing = {
  /** The signing name of the service. */
  readonly name: 's3' | 's3express' | 's3-outposts' | 's3-object-lambda';
  /** Whether the keys of the bucket's session sign, which `CreateSession` gives, instead of the account's own. */
  readonly session: boolean;
} & (
  | { readonly version: 'v4'; readonly region: string }
  | {
      readonly version: 'v4a';
      /** The regions in which the signature holds. */
      readonly regionSet: readonly string[];
      /** The region to sign for by Signature Version 4, where the service takes that as well. */
      readonly region?: string;
    }
);

/** Where a bucket is, and how to sign for it. */
export interface ResolvedEndpoint {
  /** Scheme, host, port, and the path that stands before the key, without a slash at its end. */
  readonly url: string;
  readonly signing: Signing;
}
