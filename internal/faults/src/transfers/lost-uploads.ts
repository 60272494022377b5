import type { Exchange } from '../exchange.ts';

/**
 * The uploads whose ids a client cannot know: the answer that told them did not arrive.
 *
 * An id that was used, was known. One that was not used and followed by another request for an upload, was lost too: the
 * client had given up waiting in the moment when the answer came. Where nothing but the caller's abort came between, the
 * client could have waited for the id, and is to blame.
 */
export function lostUploads(exchanges: readonly Exchange[], aborted: boolean): Set<string> {
  const lost = new Set<string>();
  const creations = exchanges.filter(
    ({ request }) => request.method === 'POST' && /\?uploads/.test(request.target),
  );
  creations.forEach(({ answer, delivered, struck }, position) => {
    const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(answer)?.[1];
    if (uploadId === undefined) return;
    const used = exchanges.some(({ request }) =>
      decodeURIComponent(request.target).includes(`uploadId=${uploadId}`),
    );
    if (!used && (position < creations.length - 1 || (!delivered && (struck || !aborted))))
      lost.add(uploadId);
  });
  return lost;
}
