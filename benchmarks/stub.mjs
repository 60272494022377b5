// An S3 service that costs next to nothing: it checks no signature and keeps no byte of what it is sent (but their sum and,
// when asked to, their digest), and gives two objects out of one block of memory.
import { createHash } from 'node:crypto';
import { crc32Of, objectSize } from './objects.mjs';
import { give, listen, plainBody, plainLength, send, sendXml } from './wire.mjs';

/** Serves, in a process of its own. */
export function serve({ size, digests }) {
  const objects = Object.fromEntries(['small', 'large'].map((key) => [key, describe(objectSize(key, size))]));
  const report = { bytes: 0, uploads: {} };

  function answer(socket, request) {
    const { method, path, query } = request;
    const key = path.split('/')[2] ?? '';
    if (key === '_report') return send(socket, 200, {}, JSON.stringify(summary(query.get('key'))));
    // Some clients look for an upload that they could go on with.
    if (query.has('uploads') && method === 'GET')
      return sendXml(
        socket,
        '<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
      );
    if (method === 'GET' || method === 'HEAD') {
      const object = objects[key];
      return object === undefined ? send(socket, 404, {}, '') : give(socket, request, object);
    }
    if (method === 'POST' && query.has('uploads'))
      return sendXml(
        socket,
        `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>${key}</Key><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>`,
      );
    if (method === 'POST')
      return sendXml(
        socket,
        `<CompleteMultipartUploadResult><Location>x</Location><Bucket>b</Bucket><Key>${key}</Key><ETag>"x-1"</ETag></CompleteMultipartUploadResult>`,
      );
    report.bytes += plainLength(request);
    if (digests) note(key, query.get('partNumber'), plainBody(request));
    // The MD5 that it should be costs more than all the rest; what clients check is that there is one.
    send(socket, 200, { etag: '"d41d8cd98f00b204e9800998ecf8427e"' }, '');
  }

  /** Keeps a part, or an object in one piece, which takes the place of the one before. */
  function note(key, partNumber, bytes) {
    if (partNumber === null || report.uploads[key] === undefined) report.uploads[key] = [];
    report.uploads[key].push([Number(partNumber ?? 1), bytes]);
  }

  function summary(key) {
    const parts = report.uploads[key] ?? [];
    // The next client begins anew.
    delete report.uploads[key];
    parts.sort(([one], [other]) => one - other);
    const hash = createHash('sha256');
    for (const [, bytes] of parts) hash.update(bytes);
    return { bytes: report.bytes, parts: parts.length, sha256: hash.digest('hex') };
  }

  listen(answer, () => (digests ? Number.POSITIVE_INFINITY : 0));
}

function describe(length) {
  return {
    length,
    lines: {
      'content-type': 'application/octet-stream',
      'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT',
      // Of parts, so that nobody takes it for an MD5.
      etag: '"d41d8cd98f00b204e9800998ecf8427e-2"',
    },
    checksum: { 'x-amz-checksum-crc32': crc32Of(length), 'x-amz-checksum-type': 'FULL_OBJECT' },
  };
}
