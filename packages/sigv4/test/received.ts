/** Requests as a server receives them, to be verified. */
import { createHmac } from 'node:crypto';
import {
  type ReceivedRequest,
  SignatureError,
  Signer,
  type SigningRequest,
  type VerifyOptions,
  verify,
} from '../src/index.ts';

export const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret that nobody may see' };
export const date: Date = new Date('2024-02-29T23:59:59Z');
const signer = new Signer({ region: 'eu-west-1', credentials });
export const options: VerifyOptions = {
  secretFor: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
  region: 'eu-west-1',
  now: date,
};
export const base: SigningRequest & { query: string } = {
  method: 'GET',
  host: 'bucket.s3.example',
  path: '/a%20key',
  query: 'versionId=1',
};

export function byHeader(extra: Partial<SigningRequest> = {}): ReceivedRequest {
  const request = { ...base, ...extra };
  const { headers } = signer.sign(request, { date });
  return { method: request.method, path: request.path, query: base.query, headers };
}

export function byQuery(extra: Partial<SigningRequest> = {}, expiresIn = 60): ReceivedRequest {
  const url = signer.presign({ ...base, ...extra }, { date, expiresIn });
  return {
    method: 'GET',
    path: base.path,
    query: url.slice(url.indexOf('?') + 1),
    headers: { host: base.host, ...extra.headers },
  };
}

export function withHeaders(request: ReceivedRequest, headers: ReceivedRequest['headers']): ReceivedRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

export function withAuthorization(change: (authorization: string) => string): ReceivedRequest {
  const request = byHeader();
  return withHeaders(request, { authorization: change(String(request.headers['authorization'])) });
}

export function withQuery(change: (query: string) => string, expiresIn?: number): ReceivedRequest {
  const request = byQuery({}, expiresIn);
  return { ...request, query: change(request.query) };
}

export function errorOf(request: ReceivedRequest, changed: Partial<VerifyOptions> = {}): SignatureError {
  try {
    verify(request, { ...options, ...changed });
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

export const at = (seconds: number): { now: Date } => ({ now: new Date(date.getTime() + seconds * 1000) });

/** The request with the signature that belongs to it, from the string to sign and an HMAC chain of its own. */
export function resigned(request: ReceivedRequest): ReceivedRequest {
  const toSign = String(errorOf(request).details['StringToSign']);
  const hmac = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest();
  const steps = (toSign.split('\n')[2] ?? '').split('/');
  const signature = hmac(steps.reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`), toSign);
  const authorization = String(request.headers['authorization']);
  return withHeaders(request, {
    authorization: authorization.replace(/Signature=.*/, `Signature=${signature.toString('hex')}`),
  });
}
