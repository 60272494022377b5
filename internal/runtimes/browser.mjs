import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { installPackages } from '@s3kit-internal/debian/packages';
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

function installed() {
  return executables.find((path) => path && existsSync(path));
}

/**
 * Opens a page in a browser without a window.
 *
 * @template T
 * @param {string} url
 * @param {(page: import('playwright-core').Page, version: string) => Promise<T>} visit
 * @returns {Promise<T | { absent: string }>}
 */
export async function inBrowser(url, visit) {
  if (installed() === undefined) {
    await installPackages({ programs: ['chromium'], packages: ['chromium'], log: console.log }).catch(
      console.error,
    );
  }
  const executablePath = installed();
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
      await page.goto(url);
      return await visit(page, await page.evaluate(() => navigator.userAgent.match(/Chrome\/[\d.]+/)[0]));
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
