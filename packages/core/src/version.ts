declare const S3KIT_VERSION: string | undefined;

/** The version of this package, which the build knows. */
export const version: string = typeof S3KIT_VERSION === 'undefined' ? 'source' : S3KIT_VERSION;
