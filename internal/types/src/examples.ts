import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A block of code in a document. */
export interface Example {
  /** The document, and the line in it where the block begins. */
  readonly name: string;
  readonly code: string;
}

/** The examples in JavaScript and TypeScript of a document. */
export function examplesIn(folder: URL, document: string): readonly Example[] {
  const text = readFileSync(new URL(document, folder), 'utf8');
  return [...text.matchAll(/^```(?:js|ts)\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => ({
    name: `${document.replaceAll('/', '-')}-${text.slice(0, index).split('\n').length}`,
    code,
  }));
}

/** What documents speak of without making it; each is put before an example that uses it and says nothing of it. */
const assumed: Readonly<Record<string, string>> = {
  S3Connection: `import { S3Connection } from '@s3kit/core';`,
  S3rver: 'declare const S3rver: new (options: object) => { run(): Promise<unknown> };',
  Retry: `import { Retry } from '@s3kit/retry';`,
  connection: `declare const connection: import('@s3kit/core').Connection;`,
  local: `import { local } from '@s3kit/sync';`,
  remote: `import { remote } from '@s3kit/sync';`,
  send: 'declare const send: () => Promise<Response>;',
  startServer: `import { startServer } from '@s3kit/server';`,
  storage: `declare const storage: import('@s3kit/core').Storage;`,
  sync: `import { sync } from '@s3kit/sync';`,
  test: `import { test } from 'vitest';`,
  upload: 'declare const upload: (endpoint: string) => Promise<void>;',
  url: 'declare const url: string;',
};

/** The example as a module of its own: with what it assumes, all in the first line, so that the others keep their numbers. */
export function asProgram({ code }: Example): string {
  const source = ts.createSourceFile('example.mts', code, ts.ScriptTarget.ES2022);
  const made = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text);
    const makes = ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isImportSpecifier(node);
    if (makes && ts.isIdentifier(node.name)) made.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const missing = Object.keys(assumed).filter((name) => used.has(name) && !made.has(name));
  return `export {}; ${missing.map((name) => assumed[name]).join(' ')}\n${code}`;
}
