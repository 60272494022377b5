// An XML document and the object that stands for it: a key is a tag's opening text, and a list holds objects with one key.
import assert from 'node:assert/strict';
import { buildXml, parseXml } from '@s3kit/xml';

const object = { 'a xmlns="foo"': [{ b1: { c1: '1' } }, { b2: { c2: '2' } }] };
const xml = '<a xmlns="foo"><b1><c1>1</c1></b1><b2><c2>2</c2></b2></a>';

assert.equal(buildXml(object), xml);
assert.deepEqual(parseXml(xml), { 'a xmlns="foo"': { b1: { c1: '1' }, b2: { c2: '2' } } });
console.log(xml);
