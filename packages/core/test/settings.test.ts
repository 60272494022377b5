import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

const MiB = 1024 * 1024;

describe('retry.mode', () => {
  /** What twenty requests wait for after the service has throttled one, by a clock that stands still but for the waiting. */
  async function waits(mode: 'standard' | 'adaptive'): Promise<number[]> {
    let now = 0;
    const slept: number[] = [];
    const storage = server.storage(
      { retry: { mode, limit: 1 } },
      {
        now: () => now,
        sleep: async (milliseconds) => {
          slept.push(milliseconds);
          now += milliseconds;
        },
      },
    );
    server.script(...Array.from({ length: 9 }, () => reply(200)), refuse(503, 'SlowDown'), reply(200));
    for (let count = 0; count < 30; count++) {
      now += 100;
      await storage.delete('key').catch(() => undefined);
    }
    return slept;
  }

  test('adaptive: after SlowDown, further requests wait for their turn', async () => {
    const slept = await waits('adaptive');
    expect(slept.length).toBeGreaterThan(3);
    // A tenth of a second passes between them by itself, and seven in a second may be sent at first.
    expect(Math.max(...slept)).toBeLessThan(1000 / 7);
  });

  test('standard: they do not', async () => {
    expect(await waits('standard')).toEqual([]);
  });
});

describe('partSize', () => {
  const created = reply(
    200,
    '<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>',
  );
  const completed = reply(
    200,
    '<CompleteMultipartUploadResult><ETag>"e-3"</ETag></CompleteMultipartUploadResult>',
  );

  test('of the connection is that of its uploads', async () => {
    server.script((request, response) => {
      if (request.target.includes('uploads=')) return created(request, response);
      if (request.method === 'POST') return completed(request, response);
      return reply(200, '', { etag: '"e"' })(request, response);
    });
    const storage = server.storage({ checksum: 'off' }, { partSize: 8 * MiB });
    await storage.write(new Uint8Array(20 * MiB), 'key');
    const parts = server.arrived.filter(({ method }) => method === 'PUT').map(({ body }) => body.length);
    expect(parts.sort((one, other) => other - one)).toEqual([8 * MiB, 8 * MiB, 4 * MiB]);
  });

  test.each([0, 5 * MiB - 1, 6 * 1024 * MiB, 5.5 * MiB + 0.5])('of %d bytes is refused', (partSize) => {
    expect(() => server.storage({}, { partSize })).toThrow(RangeError);
  });
});

describe('response_checksum_validation', () => {
  // The content's CRC32 is cbf43926, the check value of the algorithm's catalogue.
  const content = '123456789';
  const right = Buffer.from('cbf43926', 'hex').toString('base64');

  test('when-supported: S3 is asked, and what it says is compared', async () => {
    server.script(reply(200, content, { 'x-amz-checksum-crc32': right }));
    expect(await server.storage().readText('key')).toBe(content);
    expect(server.arrived[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
  });

  test('when-required: it is not asked; what it says by itself is compared all the same', async () => {
    const storage = server.storage({ responseChecksumValidation: 'when-required' });
    server.script(reply(200, content));
    expect(await storage.readText('key')).toBe(content);
    expect(server.arrived[0]?.headers).not.toHaveProperty('x-amz-checksum-mode');
    server.script(reply(200, content, { 'x-amz-checksum-crc32': 'AAAAAA==' }));
    await expect(storage.readText('key')).rejects.toThrow('checksum');
  });
});
