import { expect, test } from 'vitest';
import type { Suite } from './storage-suite.ts';

export function bucketRows(suite: Suite): void {
  test('a bucket is created, exists, and is deleted', async () => {
    const { storage } = suite.at;
    const bucket = suite.at.bucketName();
    expect(await storage.bucketExists(bucket)).toBe(false);
    await storage.bucketCreate(bucket);
    expect(await storage.bucketExists(bucket)).toBe(true);
    await storage.bucketDelete(bucket);
    expect(await storage.bucketExists(bucket)).toBe(false);
  });

  test('bucketCreate takes headers: a canned ACL', async () => {
    const { storage } = suite.at;
    const bucket = suite.at.bucketName();
    await storage.bucketCreate(bucket, { headers: { 'x-amz-acl': 'public-read' } });
    const acl = JSON.stringify(await storage.bucketGetAcl(bucket));
    expect(acl).toContain('http://acs.amazonaws.com/groups/global/AllUsers');
  });

  test('bucketList gives every bucket with its name and creation date', async () => {
    const { storage } = suite.at;
    const before = Date.now();
    const made = [await suite.at.bucket(), await suite.at.bucket()];
    const listed = [];
    for await (const bucket of storage.bucketList()) listed.push(bucket);
    for (const name of made) {
      const bucket = listed.find((candidate) => candidate.name === name);
      expect(bucket?.creationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
      expect(Math.abs((bucket?.createdAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    }
  });

  test('bucketList stops when the consumer stops', async () => {
    await suite.at.bucket();
    await suite.at.bucket();
    let seen = 0;
    for await (const bucket of suite.at.storage.bucketList()) {
      seen += bucket.name.length > 0 ? 1 : 0;
      break;
    }
    expect(seen).toBe(1);
  });
}
