import { createHash, randomFillSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { S3Name, type Storage, type TransferProgress } from '@s3kit/core';
import { describe, expect, test } from 'vitest';
import type { Suite } from './storage-suite.ts';
import { unfinishedUploads } from './transfer-rows.ts';

const MiB = 1024 * 1024;
// Five parts, the last of them small; three ranges of a download.
const size = 20 * MiB + 5;

function randomBytes(length: number): Buffer {
  return randomFillSync(Buffer.allocUnsafe(length));
}

/** Collects what a transfer tells, and stops it when so many parts are done. */
function stopAfter(parts: number): {
  readonly told: TransferProgress[];
  readonly options: {
    readonly signal: AbortSignal;
    readonly concurrency: number;
    readonly onProgress: (progress: TransferProgress) => void;
  };
} {
  const told: TransferProgress[] = [];
  const stop = new AbortController();
  const onProgress = (progress: TransferProgress): void => {
    told.push(progress);
    if (progress.parts >= parts) stop.abort(new Error('stopped by the test'));
  };
  return { told, options: { signal: stop.signal, concurrency: 1, onProgress } };
}

export function resumeRows(suite: Suite): void {
  describe('an upload with a journal', () => {
    /** A file of which two parts have gone up when the upload was stopped. */
    async function begun(): Promise<{ name: S3Name; bucket: string; file: string; content: Buffer }> {
      const { at } = suite;
      const bucket = await at.bucket();
      const name = new S3Name('k', bucket);
      const file = at.path('f');
      const content = randomBytes(size);
      await writeFile(file, content);
      await expect(at.storage.write(file, name, { journal: true, ...stopAfter(2).options })).rejects.toThrow(
        'stopped by the test',
      );
      expect(await unfinishedUploads(at.storage, bucket)).toBe(1);
      expect(journalsIn(at.folder)).toHaveLength(1);
      return { name, bucket, file, content };
    }

    async function holds(storage: Storage, name: S3Name, content: Buffer): Promise<void> {
      expect(Buffer.from(await storage.readBytes(name)).equals(content)).toBe(true);
    }

    test('goes on where it was stopped, and sends nothing twice', async () => {
      const { at } = suite;
      const { name, bucket, file, content } = await begun();
      const { told, options } = stopAfter(Number.POSITIVE_INFINITY);
      await at.storage.write(file, name, { journal: true, ...options });
      expect(told[0]).toMatchObject({ resumed: 10 * MiB, transferred: 10 * MiB, parts: 2, total: size });
      expect(told.at(-1)).toMatchObject({ resumed: 10 * MiB, transferred: size, parts: 5 });
      await holds(at.storage, name, content);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
      expect(journalsIn(at.folder)).toEqual([]);
    });

    test('goes on by another process, or connection', async () => {
      const { at } = suite;
      const { name, bucket, file, content } = await begun();
      await at.connect().write(file, name, { journal: true });
      await holds(at.storage, name, content);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
    });

    test('of a file that was changed, begins anew, and aborts the old upload', async () => {
      const { at } = suite;
      const { name, bucket, file } = await begun();
      const content = randomBytes(size);
      await writeFile(file, content);
      await at.storage.write(file, name, { journal: true });
      await holds(at.storage, name, content);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
    });

    test('of a file that goes in one request now, aborts the old upload, and leaves no journal', async () => {
      const { at } = suite;
      const { name, bucket, file } = await begun();
      const content = randomBytes(1000);
      await writeFile(file, content);
      // No upload in parts can have such a header.
      const headers = { 'content-md5': createHash('md5').update(content).digest('base64') };
      await at.storage.write(file, name, { journal: true, headers });
      await holds(at.storage, name, content);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
      expect(journalsIn(at.folder)).toEqual([]);
    });

    test('of a file that looks the same and is not, sends the parts that differ again', async () => {
      const { at } = suite;
      const { name, file, content } = await begun();
      const handle = await open(file, 'r+');
      const { atime, mtime } = await handle.stat();
      content[7] = (content[7] ?? 0) ^ 1;
      await handle.write(content.subarray(7, 8), 0, 1, 7);
      await handle.utimes(atime, mtime);
      await handle.close();
      const { told, options } = stopAfter(Number.POSITIVE_INFINITY);
      // The time of the change is kept in finer units than it can be set in: then it begins anew, which is as right.
      await at.storage.write(file, name, { journal: true, ...options });
      expect(told.at(-1)?.resumed).toBeLessThanOrEqual(5 * MiB);
      await holds(at.storage, name, content);
    });

    test('whose upload is gone, begins anew', async () => {
      const { at } = suite;
      const { name, bucket, file, content } = await begun();
      const { response } = await at.storage.connection.send({
        method: 'GET',
        bucket,
        query: { uploads: '' },
      });
      const uploadId = /<UploadId>([^<]+)/.exec(response.body)?.[1];
      await at.storage.connection.send({ method: 'DELETE', bucket, key: name.key, query: { uploadId } });
      await at.storage.write(file, name, { journal: true });
      await holds(at.storage, name, content);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
    });

    /** Uploads, and puts the journal back as it was before the end: as if the process had been killed there. */
    async function completedInSilence(file: string, name: S3Name): Promise<void> {
      const { at } = suite;
      let saved = { path: '', text: '' };
      await at.storage.write(file, name, {
        journal: true,
        concurrency: 1,
        onProgress: () => {
          const [journal] = journalsIn(at.folder);
          if (journal !== undefined)
            saved = { path: at.path(journal), text: readFileSync(at.path(journal), 'utf8') };
        },
      });
      await writeFile(saved.path, saved.text);
    }

    async function isDone(file: string, name: S3Name): Promise<void> {
      const { at } = suite;
      const { response } = await at.storage.exists(name).withResponse();
      const told: TransferProgress[] = [];
      await at.storage.write(file, name, { journal: true, onProgress: (progress) => told.push(progress) });
      expect(told.at(-1)).toMatchObject({ transferred: 0, parts: 0 });
      const after = await at.storage.exists(name).withResponse();
      expect(after.response?.headers['last-modified']).toBe(response?.headers['last-modified']);
      expect(journalsIn(at.folder)).toEqual([]);
    }

    test('that was completed when nobody could write that down, is done', async () => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      const file = at.path('f');
      await writeFile(file, randomBytes(size));
      await completedInSilence(file, name);
      await isDone(file, name);
    });

    test('the same, where a part had arrived that an earlier run could not write down either', async () => {
      const { at } = suite;
      const { name, file } = await begun();
      const path = at.path(journalsIn(at.folder)[0] ?? '');
      const lines = readFileSync(path, 'utf8').split('\n');
      lines.splice(
        lines.findLastIndex((line) => line.includes('"part"')),
        1,
      );
      await writeFile(path, lines.join('\n'));
      await completedInSilence(file, name);
      await isDone(file, name);
    });

    test('in a folder of the user, is kept there', async () => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      const file = at.path('f');
      await writeFile(file, randomBytes(size));
      const { options } = stopAfter(1);
      const folder = at.path('journals');
      await expect(at.storage.write(file, name, { journal: folder, ...options })).rejects.toThrow(
        /no such file or directory/,
      );
      expect(await readdir(at.folder)).toEqual(['f']);
    });
  });

  describe('a download with a journal', () => {
    /** A file of which two ranges have come when the download was stopped. */
    async function begun(): Promise<{ name: S3Name; content: Buffer; temporary: string }> {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      const content = randomBytes(size);
      await at.storage.write(content, name);
      await expect(
        at.storage.read(name, at.path('g'), { journal: true, ...stopAfter(2).options }),
      ).rejects.toThrow('stopped by the test');
      const left = (await readdir(at.folder)).toSorted();
      expect(left).toHaveLength(2);
      return { name, content, temporary: left.find((file) => file.endsWith('.s3kit')) ?? '' };
    }

    test('goes on where it was stopped, and fetches nothing twice', async () => {
      const { at } = suite;
      const { name, content } = await begun();
      const { told, options } = stopAfter(Number.POSITIVE_INFINITY);
      await at.storage.read(name, at.path('g'), { journal: true, ...options });
      expect(told.at(-1)).toMatchObject({ resumed: 16 * MiB, transferred: size, total: size });
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
      expect(await readdir(at.folder)).toEqual(['g']);
    });

    test('fetches again what of the temporary file is not as it was', async () => {
      const { at } = suite;
      const { name, content, temporary } = await begun();
      const handle = await open(at.path(temporary), 'r+');
      await handle.write(Buffer.alloc(100), 0, 100, 1_000);
      await handle.close();
      const { told, options } = stopAfter(Number.POSITIVE_INFINITY);
      await at.storage.read(name, at.path('g'), { journal: true, ...options });
      expect(told.at(-1)).toMatchObject({ resumed: 8 * MiB, transferred: size });
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
    });

    test('that ended when the file had just taken its place, asks for no more than its last range', async () => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      const content = randomBytes(size);
      await at.storage.write(content, name);
      let saved = { path: '', text: '' };
      await at.storage.read(name, at.path('g'), {
        journal: true,
        concurrency: 1,
        onProgress: () => {
          const [journal] = journalsIn(at.folder);
          if (journal !== undefined)
            saved = { path: at.path(journal), text: readFileSync(at.path(journal), 'utf8') };
        },
      });
      await writeFile(saved.path, saved.text);
      const { told, options } = stopAfter(Number.POSITIVE_INFINITY);
      await at.storage.read(name, at.path('g'), { journal: true, ...options });
      expect(told.at(-1)).toMatchObject({ resumed: size - (size % (8 * MiB)), transferred: size });
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
      expect(await readdir(at.folder)).toEqual(['g']);
    });

    test('of an object that was changed, begins anew', async () => {
      const { at } = suite;
      const { name } = await begun();
      const content = randomBytes(size - 7);
      await at.storage.write(content, name);
      await at.storage.read(name, at.path('g'), { journal: true });
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
      expect(await readdir(at.folder)).toEqual(['g']);
    });

    test('of an object that became small, leaves nothing of the old one', async () => {
      const { at } = suite;
      const { name } = await begun();
      await at.storage.write({ text: 'small' }, name);
      await at.storage.read(name, at.path('g'), { journal: true });
      expect(await readFile(at.path('g'), 'utf8')).toBe('small');
    });

    test('of an object that is gone, leaves nothing behind', async () => {
      const { at } = suite;
      const { name } = await begun();
      await at.storage.delete(name);
      await expect(at.storage.read(name, at.path('g'), { journal: true })).rejects.toThrow(/NoSuchKey/);
      expect(await readdir(at.folder)).toEqual([]);
    });
  });
}

function journalsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.includes('s3kit-'));
}
