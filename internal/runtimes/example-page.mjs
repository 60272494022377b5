import { readFile } from 'node:fs/promises';

const folder = new URL('../../examples/browser/', import.meta.url);

/** What the example's page consists of. @param {string} bundle - path of its `s3kit.js` */
export async function exampleFiles(bundle) {
  return {
    '/example/': ['text/html', await readFile(new URL('index.html', folder))],
    '/example/main.js': ['text/javascript', await readFile(new URL('main.js', folder))],
    '/example/s3kit.js': ['text/javascript', await readFile(bundle)],
  };
}

/**
 * Uses the example as a visitor would.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} endpoint
 * @returns {Promise<number>} how many things a visitor did
 */
export async function visitExample(page, endpoint) {
  const status = (text) => page.waitForFunction((wanted) => document.body.textContent.includes(wanted), text);
  const settings = {
    endpoint,
    region: 'us-east-1',
    defaultBucket: 'example',
    accessKeyId: 's3kit',
    secretAccessKey: 's3kit-secret',
  };
  for (const [name, value] of Object.entries(settings)) await page.fill(`input[name=${name}]`, value);
  await page.click('text=Sign in');
  await page.waitForSelector('#bucket:not([hidden])');

  const buffer = Buffer.alloc(20 * 1024 * 1024, 'large enough for parts ');
  await page.setInputFiles('#file', { name: 'ä b.bin', mimeType: 'application/x-odd', buffer });
  await status('ä b.bin was uploaded');
  await status(`ä b.bin (${buffer.length} bytes)`);
  if ((await page.evaluate(() => document.getElementById('progress').value)) !== 1)
    throw new Error('the bar is not full');

  const downloading = page.waitForEvent('download');
  await page.click('text=download');
  const download = await downloading;
  if (!buffer.equals(await readFile(await download.path()))) throw new Error('other bytes came down');

  await page.click('text=share');
  const shared = await page.getAttribute('#status a', 'href');
  const answer = await fetch(shared);
  if (answer.headers.get('content-type') !== 'application/x-odd') throw new Error(`shared: ${answer.status}`);
  return 5;
}
