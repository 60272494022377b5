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
