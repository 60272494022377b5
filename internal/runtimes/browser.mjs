import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
 * Runs the self-check in a browser without a window, off the endpoint's page.
 *
 * @param {string} origin - the endpoint's
 * @returns {Promise<{ version: string, passed: string[] } | { absent: string }>}
 */
export async function inBrowser(origin) {
  const executablePath = executables.find((path) => path && existsSync(path));
  if (executablePath === undefined)
    return { absent: 'no Chromium is installed; set CHROMIUM, or apt-get install chromium' };
  const profile = await mkdtemp(join(tmpdir(), 's3kit-browser-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: switches,
    });
    try {
      const page = await context.newPage();
      await page.goto(`${origin}/`);
      const passed = await page.evaluate(
        async (url) => (await import(`${url}/self-check.mjs`)).selfCheck(url),
        origin,
      );
      return { version: await page.evaluate(() => navigator.userAgent.match(/Chrome\/[\d.]+/)[0]), passed };
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
