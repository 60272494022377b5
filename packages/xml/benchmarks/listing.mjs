// What a page of 1,000 keys costs to read: `pnpm run bench`, after a build. Contenders take turns, so that a noisy machine is
// noisy for all of them; a figure is the median of the rounds. Before any counts, each must find the same keys.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import process from 'node:process';
import { parseXml } from '@s3kit/xml';
import { parseXml as parseLight } from '@s3kit/xml/light';
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';
import * as txml from 'txml';
import { listingPage } from './listing-page.mjs';

const rounds = Number(process.env.ROUNDS ?? 100);
const warmUpRounds = 30;

const options = { lists: ['ListBucketResult/Contents'], attributes: 'drop-default-namespace' };
const ours = (parse) => ({
  read: (text) => parse(text, options),
  keys: (document) => document.ListBucketResult.Contents.map(({ Key }) => Key),
});
const lenient = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === 'Contents',
});
const child = (node, name) => node.children.find(({ tagName }) => tagName === name);

const contenders = {
  '@s3kit/xml/light': ours(parseLight),
  '@s3kit/xml': ours(parseXml),
  // Does not check that the text is well formed.
  'fast-xml-parser': {
    read: (text) => lenient.parse(text),
    keys: (document) => document.ListBucketResult.Contents.map(({ Key }) => Key),
  },
  // Checks nothing, and leaves references as they are.
  txml: {
    read: (text) => txml.parse(text),
    keys: (nodes) =>
      nodes
        .find(({ tagName }) => tagName === 'ListBucketResult')
        .children.filter(({ tagName }) => tagName === 'Contents')
        .map((contents) => child(contents, 'Key').children[0]),
  },
  // Checks everything, and makes no tree: this one is of its events.
  saxes: { read: readWithSaxes, keys: (root) => root.ListBucketResult[0].Contents.map(({ Key }) => Key[0]) },
  'a copy of the text, for comparison': { read: (text) => Buffer.from(text).toString() },
};

function readWithSaxes(text) {
  const root = {};
  const open = [root];
  const parser = new SaxesParser();
  let content = '';
  parser.on('opentag', () => {
    open.push({});
    content = '';
  });
  parser.on('text', (piece) => {
    content += piece;
  });
  parser.on('closetag', ({ name }) => {
    const children = open.pop();
    const parent = open.at(-1);
    parent[name] ??= [];
    parent[name].push(Object.keys(children).length > 0 ? children : content);
  });
  parser.write(text).close();
  return root;
}

function versionOf(name) {
  const path = createRequire(import.meta.url)
    .resolve.paths(name)
    .find((each) => {
      try {
        createRequire(import.meta.url)(`${each}/${name}/package.json`);
        return true;
      } catch {
        return false;
      }
    });
  return path === undefined ? '' : createRequire(import.meta.url)(`${path}/${name}/package.json`).version;
}

const bytes = Buffer.from(listingPage());
const expected = contenders['@s3kit/xml'].keys(parseXml(bytes.toString(), options));
for (const [name, { read, keys }] of Object.entries(contenders)) {
  if (keys) assert.deepEqual(keys(read(bytes.toString())), expected, name);
}

const samples = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < warmUpRounds + rounds; round++) {
  for (const [name, { read }] of Object.entries(contenders)) {
    // Each time another string, as an answer's body is.
    const text = bytes.toString();
    const start = performance.now();
    read(text);
    const spent = performance.now() - start;
    if (round >= warmUpRounds) samples[name].push(spent);
  }
}

const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const base = median(samples['@s3kit/xml/light']);
process.stdout.write(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown machine'}; ${bytes.length} bytes, ${expected.length} keys, ${rounds} rounds\n`,
);
for (const [name, values] of Object.entries(samples)) {
  const figure = median(values);
  process.stdout.write(
    `${`${name} ${versionOf(name)}`.padEnd(38)} ${figure.toFixed(2).padStart(8)} ms ${(figure / base).toFixed(1).padStart(7)} x\n`,
  );
}
