// Every signer does the same three things with its own interface: a GET by headers, a PUT with the hash of its body, a
// URL. What can be made once (a signer, credentials) is made once; what belongs to a request is made per request.
import { createHash, createHmac } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { Signer } from '@s3kit/sigv4';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { AwsV4Signer } from 'aws4fetch';
import { bundled } from './bundled.mjs';

export const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const region = 'eu-central-1';
export const host = `example-bucket.s3.${region}.amazonaws.com`;
export const path = '/photos/2024/02/29/holiday-0001.jpg';
export const body = 'x'.repeat(1024);
const service = 's3';
const emptyHash = createHash('sha256').digest('hex');
const expiresIn = 3600;

// With host, date and payload hash, these make six.
const getHeaders = { accept: '*/*', 'if-none-match': '"0123456789abcdef"', range: 'bytes=0-1023' };
const putHeaders = { 'content-length': '1024', 'content-type': 'image/jpeg' };

function s3kit({ Signer: Class }) {
  const signer = new Class({ region, credentials });
  return {
    get: () => signer.sign({ method: 'GET', host, path, headers: { ...getHeaders } }).headers,
    put: () => signer.sign({ method: 'PUT', host, path, headers: { ...putHeaders }, body }).headers,
    url: () => signer.presign({ method: 'GET', host, path }, { expiresIn }),
  };
}

function smithy(sha256) {
  const signer = new SignatureV4({
    credentials,
    region,
    service,
    sha256,
    uriEscapePath: false,
    applyChecksum: true,
  });
  const request = (method, headers, content) => ({
    method,
    protocol: 'https:',
    hostname: host,
    path,
    query: {},
    headers: { host, ...headers },
    body: content,
  });
  return {
    get: async () => (await signer.sign(request('GET', getHeaders))).headers,
    put: async () => (await signer.sign(request('PUT', putHeaders, body))).headers,
    async url() {
      const unsigned = request('GET', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
      const { query } = await signer.presign(unsigned, { expiresIn, unhoistableHeaders: new Set() });
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      return `https://${host}${path}?${pairs.join('&')}`;
    },
  };
}

/** The hash that the AWS SDK for JavaScript passes to its signer on Node. */
class NodeHash {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data) {
    this.hash.update(data);
  }
  digest() {
    return Promise.resolve(this.hash.digest());
  }
}

const byAws4 = {
  get: () =>
    aws4.sign({ host, path, service, region, method: 'GET', headers: { ...getHeaders } }, credentials)
      .headers,
  put() {
    const headers = {
      ...putHeaders,
      'X-Amz-Content-Sha256': createHash('sha256').update(body).digest('hex'),
    };
    return aws4.sign({ host, path, service, region, method: 'PUT', headers, body }, credentials).headers;
  },
  url() {
    const request = { host, path: `${path}?X-Amz-Expires=${expiresIn}`, service, region, signQuery: true };
    return `https://${host}${aws4.sign(request, credentials).path}`;
  },
};

function byAws4fetch() {
  const cache = new Map();
  const url = `https://${host}${path}`;
  const common = { ...credentials, service, region, cache };
  const headersOf = ({ headers }) => Object.fromEntries(headers);
  return {
    get: async () =>
      headersOf(
        await new AwsV4Signer({
          ...common,
          url,
          headers: { ...getHeaders, 'x-amz-content-sha256': emptyHash },
        }).sign(),
      ),
    put: async () =>
      headersOf(
        await new AwsV4Signer({
          ...common,
          url,
          method: 'PUT',
          headers: { ...putHeaders, 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
          body,
        }).sign(),
      ),
    url: async () =>
      (await new AwsV4Signer({ ...common, url: `${url}?X-Amz-Expires=${expiresIn}`, signQuery: true }).sign())
        .url.href,
  };
}

export const contenders = {
  's3kit, node:crypto': s3kit({ Signer }),
  aws4: byAws4,
  'smithy, node:crypto': smithy(NodeHash),
  's3kit, sha256-js': s3kit(await bundled()),
  'smithy, sha256-js': smithy(Sha256),
  aws4fetch: byAws4fetch(),
};
