import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeError } from '../src/answer.ts';
import { errorOf } from '../src/error-document.ts';
import type { HttpResponse } from '../src/index.ts';

interface ErrorVector {
  readonly name: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly expected: Record<string, string>;
  readonly expectedMetadata: { readonly RequestId?: string; readonly HostId?: string };
  /** The code is the parser's own word for the status; ours are other words. */
  readonly synthesized?: boolean;
}

interface Inside200Vector {
  readonly name: string;
  readonly body: string;
  readonly code: string | null;
}

const vectors = JSON.parse(readFileSync(new URL('vectors/s3-xml.json', import.meta.url), 'utf8')) as {
  errors: ErrorVector[];
  ok200: Inside200Vector[];
};

function response(fields: Partial<HttpResponse>): HttpResponse {
  return {
    status: 200,
    statusText: '',
    headers: {},
    body: '',
    method: 'GET',
    url: 'http://localhost/',
    ...fields,
  };
}

describe('error documents', () => {
  test.each(vectors.errors)(
    '$name',
    ({ status, headers, body, expected, expectedMetadata, synthesized = false }) => {
      const error = errorOf(
        response({ status, headers, body, statusText: synthesized ? (expected['Message'] ?? '') : '' }),
        false,
      );
      expect(error?.message).toBe(expected['Message']);
      if (!synthesized) {
        expect(error?.code).toBe(expected['Code']);
        expect(error?.fields).toMatchObject(expected);
      }
      if (expectedMetadata.RequestId !== undefined) expect(error?.requestId).toBe(expectedMetadata.RequestId);
      if (expectedMetadata.HostId !== undefined) expect(error?.hostId).toBe(expectedMetadata.HostId);
    },
  );

  test.each([
    [404, 'NotFound'],
    [403, 'Forbidden'],
    [412, 'PreconditionFailed'],
    [304, 'NotModified'],
    [418, 'Http418'],
  ])('status %i without a document is called %s', (status, code) => {
    expect(errorOf(response({ status }), false)?.code).toBe(code);
  });
});

describe('an error inside a 200', () => {
  test.each(vectors.ok200)('$name', ({ body, code }) => {
    expect(errorOf(response({ body }), true)?.code).toBe(code ?? undefined);
  });

  test.each(['', ' \n', '<?xml version="1.0"?>\n<CopyObjectResult><ETag>"x'])(
    'an answer cut short (%j) is an internal error',
    (body) => {
      expect(errorOf(response({ body }), true)?.code).toBe('InternalError');
    },
  );
});

describe('descriptions', () => {
  test('name the subject, S3’s code and message, the status and the request, and say what to do, on one line', () => {
    const document = {
      code: 'NoSuchBucket',
      message: 'It is\nnot \u001b[31mthere',
      requestId: 'R',
      hostId: undefined,
      fields: {},
    };
    expect(describeError(document, 's3://b/k', response({ status: 404 }), 0)).toBe(
      's3://b/k: NoSuchBucket: It is not  [31mthere (HTTP 404, request R); there is no such bucket at this endpoint',
    );
  });

  test('tell the right region where S3 does', () => {
    const document = {
      code: 'AuthorizationHeaderMalformed',
      message: '',
      requestId: undefined,
      hostId: undefined,
      fields: { Region: 'eu-west-1' },
    };
    expect(describeError(document, 's3://b', response({ status: 400 }), 0)).toContain(
      'the region is eu-west-1',
    );
  });

  test('tell by how much the clock is wrong', () => {
    const document = {
      code: 'RequestTimeTooSkewed',
      message: '',
      requestId: undefined,
      hostId: undefined,
      fields: {},
    };
    const theirs = Date.UTC(2026, 0, 1, 12);
    const answer = response({ status: 403, headers: { date: new Date(theirs).toUTCString() } });
    expect(describeError(document, 's3://b', answer, theirs - 20 * 60_000)).toContain(
      "this machine's clock is 20 minutes behind the service's",
    );
    expect(describeError(document, 's3://b', answer, theirs + 20 * 60_000)).toContain(
      "this machine's clock is 20 minutes ahead of the service's",
    );
  });
});
