import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { chromium } from 'playwright-core';

const executables = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Runs a module's `selfCheck` in a browser without a window, off a page on loopback.
 *
 * @param {string} module - path of a bundled module
 * @returns {Promise<{ version: string, passed: string[] } | { absent: string }>}
 */
export async function inBrowser(module) {
  const executablePath = executables.find((path) => path && existsSync(path));
  if (executablePath === undefined)
    return { absent: 'no Chromium is installed; set CHROMIUM, or apt-get install chromium' };
  const code = await readFile(module);
  const server = createServer((request, response) => {
    const script = request.url === '/self-check.mjs';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? code : '<!doctype html><title>self-check</title>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const profile = await mkdtemp(join(tmpdir(), 's3kit-browser-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: switches,
    });
    try {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      const passed = await page.evaluate(async (url) => (await import(url)).selfCheck(), '/self-check.mjs');
      return { version: await page.evaluate(() => navigator.userAgent.match(/Chrome\/[\d.]+/)[0]), passed };
    } finally {
      await context.close();
    }
  } finally {
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
}
