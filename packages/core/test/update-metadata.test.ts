import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Handler, refuse, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

/** An object with a tag, of which `acl` and `tagging` are answered otherwise. */
function tagged(acl: Handler, tagging: Handler): void {
  server.script((request, response) => {
    if (request.target.endsWith('?acl=')) acl(request, response);
    else if (request.target.endsWith('?tagging=')) tagging(request, response);
    else if (request.method === 'HEAD') {
      response.writeHead(200, { 'content-length': 1, etag: '"e"', 'x-amz-tagging-count': '1' }).end();
    } else reply(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>')(request, response);
  });
}

const aclOfOwner = reply(
  200,
  '<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList/></AccessControlPolicy>',
);
const oneTag = reply(200, '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>');

test.each([
  ['the tags', aclOfOwner, refuse(503, 'SlowDown')],
  ['the ACL', refuse(500, 'InternalError'), oneTag],
])('a service in trouble does not cost %s: nothing is copied', async (_, acl, tagging) => {
  tagged(acl, tagging);
  const update = server.storage({ retry: { limit: 2 } }).updateMetadata('k', { 'x-amz-meta-a': '1' });
  await expect(update).rejects.toThrow(/cannot be read now \(HTTP 50[03]\), and would be lost/);
  expect(server.arrived.some(({ method }) => method === 'PUT')).toBe(false);
});

test.each([403, 405, 501])('who may not read them (%i) has nothing to keep', async (status) => {
  tagged(reply(status), reply(status));
  await server.storage().updateMetadata('k', { 'x-amz-meta-a': '1' });
  expect(server.arrived.some(({ method }) => method === 'PUT')).toBe(true);
});
