import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { connectionConfig, defaultCredentials, type Environment } from '@s3kit/credentials';
import { type Gateway, startGateway } from '@s3kit-internal/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let gateway: Gateway;
let folder: string;
let environment: Environment;

beforeAll(async () => {
  gateway = await startGateway();
  folder = await mkdtemp(join(tmpdir(), 's3kit-role-'));
  const keys = (user: { accessKeyId: string; secretAccessKey: string }) =>
    `aws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`;
  environment = {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  await writeFile(join(folder, 'credentials'), `[main]\n${keys(gateway)}[alt]\n${keys(gateway.alt)}`);
  const profile = (name: string, source: string) =>
    `[profile ${name}]\nrole_arn = ${gateway.roleArn}\nsource_profile = ${source}\nrole_session_name = conformance\nduration_seconds = 900\nregion = us-east-1\nservices = gateway\n`;
  await writeFile(
    join(folder, 'config'),
    `${profile('role', 'main')}${profile('foreign', 'alt')}[services gateway]\ns3 =\n  endpoint_url = ${gateway.endpoint}\nsts =\n  endpoint_url = ${gateway.endpoint}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('a role of the Ceph object gateway', () => {
  test('is assumed by its STS, and its session token opens S3: by header, by presigned URL, in parts', async () => {
    const { config, runtime } = await connectionConfig({ profile: 'role', environment });
    const connection = new S3Connection({ ...config, region: 'default' }, runtime);
    const storage = new Storage(connection);
    const bucket = `s3kit-role-${Date.now()}`;
    await storage.bucketCreate(bucket);
    try {
      const name = new S3Name('b + c', bucket);
      const content = Buffer.alloc(6 * 1024 * 1024, 'role');
      await storage.write(content, name, { partSize: 5 * 1024 * 1024 });
      const answer = await fetch(await storage.presign(name));
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
      await storage.read(name, join(folder, 'back'));
      expect((await readFile(join(folder, 'back'))).equals(content)).toBe(true);
      expect(await storage.exists(name)).toEqual([true, {}]);
      await storage.delete(name);
    } finally {
      await storage.bucketDelete(bucket);
      connection.close();
    }
  });

  test('gives credentials with a token and an end', async () => {
    const credentials = await defaultCredentials({ profile: 'role', environment })();
    expect(credentials.sessionToken).toMatch(/./);
    const seconds = ((credentials.expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(840);
    expect(seconds).toBeLessThan(960);
  });

  test('is refused to whom it does not trust', async () => {
    await expect(defaultCredentials({ profile: 'foreign', environment })()).rejects.toThrow(
      `assuming ${gateway.roleArn} for profile "foreign" failed`,
    );
  });

  test('a token that the gateway does not take is asked for again, once', async () => {
    const good = defaultCredentials({ profile: 'role', environment });
    let calls = 0;
    const connection = new S3Connection({
      endpoint: gateway.endpoint,
      credentials: async () => {
        const credentials = await good();
        return calls++ === 0 ? { ...credentials, sessionToken: 'stale' } : credentials;
      },
    });
    await expect(new Storage(connection).bucketGet('no-such-bucket')).rejects.toMatchObject({
      code: 'NoSuchBucket',
    });
    expect(calls).toBe(2);
    connection.close();
  });

  test('anonymous requests reach what is public, and nothing else', async () => {
    const owner = new Storage(
      new S3Connection({ ...gatewayKeys(), endpoint: gateway.endpoint, region: 'default' }),
    );
    const nobody = new Storage(new S3Connection({ endpoint: gateway.endpoint, credentials: 'anonymous' }));
    const bucket = `s3kit-public-${Date.now()}`;
    await owner.bucketCreate(bucket);
    try {
      await owner.write(Buffer.from('x'), new S3Name('open', bucket), {
        headers: { 'x-amz-acl': 'public-read' },
      });
      await owner.write(Buffer.from('x'), new S3Name('closed', bucket));
      expect(await nobody.exists(new S3Name('open', bucket))).toEqual([true, {}]);
      await expect(nobody.exists(new S3Name('closed', bucket))).rejects.toMatchObject({ status: 403 });
      for (const key of ['open', 'closed']) await owner.delete(new S3Name(key, bucket));
    } finally {
      await owner.bucketDelete(bucket);
    }
  });
});

function gatewayKeys(): { accessKeyId: string; secretAccessKey: string } {
  const { accessKeyId, secretAccessKey } = gateway;
  return { accessKeyId, secretAccessKey };
}
