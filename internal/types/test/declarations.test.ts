import ts from 'typescript';
import { expect, test } from 'vitest';
import { careful, compile, complaints } from '../src/compile.ts';

const everywhere = ['core', 'core/otel', 'sigv4', 'xml', 'retry', 'checksums', 'endpoints'];
const imports = everywhere.map((name, index) => `export * as m${index} from '@s3kit/${name}';`).join('\n');

test.each([
  ['browser.ts', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ['browser.cts', {}],
])('the declarations of what runs everywhere need no types of Node, as %s', (name, options) => {
  const lib = ['lib.es2022.d.ts', 'lib.dom.d.ts'];
  const program = compile({ [name]: imports }, { ...careful, lib, skipLibCheck: false, ...options });
  expect(complaints(program)).toEqual([]);
});

test('agents of Node go where an agent is taken, and other objects do not', () => {
  const program = compile(
    {
      'agents.mts': `
import http from 'node:http';
import https from 'node:https';
import { S3Connection } from '@s3kit/core';
import { proxyAgents } from '@s3kit/credentials';
const httpAgent = new http.Agent();
new S3Connection({}, { httpAgent, httpsAgent: new https.Agent() });
new S3Connection({}, { ...(await proxyAgents()) });
// @ts-expect-error: this is no agent
new S3Connection({}, { httpAgent: {} });
// @ts-expect-error: nor is what makes one
new S3Connection({}, { httpAgent: http.Agent });
`,
    },
    { ...careful, types: ['node'], skipLibCheck: true },
  );
  expect(complaints(program)).toEqual([]);
});

test('what was read goes where a page or a Worker takes bytes', () => {
  const program = compile(
    {
      'page.mts': `
import type { Storage } from '@s3kit/core';
declare const storage: Storage;
export const response = new Response(await storage.readBytes('k'));
export const blob = new Blob([await storage.readBytes('k')], { type: 'image/png' });
await fetch('https://example.com', { method: 'PUT', body: await storage.readBytes('k') });
`,
    },
    { ...careful, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] },
  );
  expect(complaints(program)).toEqual([]);
});
