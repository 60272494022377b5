// What the self-check talks to: a page and a module for the browser, and everything else is a request whose signature
// is verified, and told.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { checkPayloadHash, verify } from '@s3kit/sigv4';

const secretFor = () => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

async function answerTo(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [path, query = ''] = request.url.split(/\?(.*)/s);
  const { method, headersDistinct: headers } = request;
  const verified = verify({ method, path, query, headers }, { secretFor });
  if (verified.kind === 'anonymous') return 'anonymous';
  checkPayloadHash(verified, createHash('sha256').update(body).digest('hex'));
  return `${verified.kind} ${method} ${path}?${query} ${body}`;
}

/**
 * Starts the endpoint on loopback.
 *
 * @param {Record<string, string>} modules - paths of the bundled checks, by the names that the page loads them by
 * @param {Record<string, [type: string, content: Buffer]>} more - other files, by their paths
 */
export async function startEndpoint(modules, more) {
  const files = {
    ...more,
    '/': ['text/html', '<!doctype html><title>self-check</title>'],
  };
  for (const [name, path] of Object.entries(modules))
    files[`/${name}`] = ['text/javascript', await readFile(path)];
  const server = createServer(async (request, response) => {
    const [type, content] = files[request.url] ?? ['text/plain', undefined];
    response.setHeader('content-type', type);
    try {
      response.end(content ?? (await answerTo(request)));
    } catch (error) {
      response.writeHead(403).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
