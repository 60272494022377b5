import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TunnelProxy, tunnelProxy } from './proxy.ts';
import { prints, Workplace } from './workplace.ts';

let place: Workplace;
let proxy: TunnelProxy;
const host = 'storage.only-the-proxy-knows.invalid';
beforeAll(async () => {
  proxy = await tunnelProxy({ [host]: '127.0.0.1' });
  place = await Workplace.open({ buckets: ['my-bucket'] });
  await place.put({ k: 'text' });
  const { port } = new URL(place.server.endpoint);
  await place.configure({ endpoint: `http://${host}:${port}` }, 'behind.yaml');
});
afterAll(async () => {
  proxy.close();
  await place.close();
});

const cat = ['cat', 's3://my-bucket/k'];

test.each([
  ['HTTP_PROXY', []],
  ['http_proxy', ['-c', 'behind.yaml']],
  ['ALL_PROXY', ['-c', 'behind.yaml']],
])('%s is heeded with a configuration file, too', async (variable, options) => {
  const before = proxy.targets.length;
  expect(await place.s3([...cat, ...options], { [variable]: proxy.url })).toEqual(prints('text'));
  expect(proxy.targets.length).toBeGreaterThan(before);
});

test('and so are NO_PROXY, and a proxy that is none', async () => {
  const before = proxy.targets.length;
  const environment = { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' };
  expect(await place.s3(cat, environment)).toEqual(prints('text'));
  expect(proxy.targets).toHaveLength(before);
  expect(await place.s3(cat, { HTTP_PROXY: 'socks5://127.0.0.1' })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('HTTP_PROXY must be the http or https URL of a proxy'),
  });
});

test('doctor leaves the name of the service to the proxy', async () => {
  const doctor = ['doctor', '-c', 'behind.yaml', 's3://my-bucket'];
  const { status, stdout } = await place.s3(doctor, { HTTP_PROXY: proxy.url });
  expect(stdout).toContain(`ok    name resolution: left to the proxy ${new URL(proxy.url).host}\n`);
  expect([status, stdout]).toEqual([0, expect.not.stringContaining('WRONG')]);
});

test('doctor tells of a proxy that does not answer', async () => {
  const { status, stdout } = await place.s3(['doctor'], { HTTP_PROXY: 'http://127.0.0.1:1' });
  expect(stdout).toMatch(
    /^WRONG connection: .*no way through the proxy 127\.0\.0\.1:1: .*\n {6}check HTTPS_PROXY/m,
  );
  expect(status).toBe(1);
});
