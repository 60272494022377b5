import type { HttpRequest, Transport } from '../http.ts';

// Of more, none is remembered, and one request is sent in vain.
const mostOrigins = 1_000;

/**
 * A transport that sends a request again, without the question whether its body is wanted, where that question itself is refused;
 * whoever is behind such a host is not asked any more.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1}
 */
export function withoutRefusedExpectations(send: Transport): Transport {
  const refusing = new Set<string>();
  return async (request, signal) => {
    if (request.expectContinue !== true) return send(request, signal);
    const origin = originOf(request);
    if (!refusing.has(origin)) {
      const answer = await send(request, signal);
      if (answer.status !== 417) return answer;
      answer.destroy();
      if (refusing.size >= mostOrigins) refusing.clear();
      refusing.add(origin);
    }
    return send({ ...request, expectContinue: false }, signal);
  };
}

function originOf({ protocol, hostname, port }: HttpRequest): string {
  return `${protocol}//${hostname}:${port}`;
}
