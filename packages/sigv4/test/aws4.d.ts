/** The part of aws4 that the tests use; the package has no types of its own. */
declare module 'aws4' {
  interface Aws4Request {
    host: string;
    path: string;
    method?: string;
    service?: string;
    region?: string;
    signQuery?: boolean;
    headers?: Record<string, unknown>;
    body?: string;
  }
  const aws4: {
    sign(
      request: Aws4Request,
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
    ): Aws4Request;
  };
  export default aws4;
}
