import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildXml, isXmlError, parseXml, tagName, type XmlObject, type XmlValue } from '../src/index.ts';
import { findChild, readKey } from './keys.ts';

type Structure = Record<string, unknown>;

interface Case {
  name: string;
  operation: string;
  headers: Record<string, string>;
  body: string;
  expected: Structure;
  expectedMetadata: Structure;
  /** The body holds no XML error: code and message are the status's. */
  synthesized?: boolean;
  isError: boolean;
  code: string | null;
  params: Structure;
  kind: 'response' | 'error';
}

// The files hold what the interface says; every test below would fail otherwise.
const load = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${file}`, import.meta.url), 'utf8'));
const s3 = load('s3-xml.json') as Record<'responses' | 'errors' | 'ok200' | 'requests', Case[]>;
const parsing = load('s3-response-parsing.json') as Case[];

/** Where a structure's member stands in the document, if not under a tag of its own name. */
const places: Record<string, string> = {
  Parts: 'Part',
  Errors: 'Error',
  Buckets: 'Buckets/Bucket',
  TagSet: 'TagSet/Tag',
  Grants: 'AccessControlList/Grant',
  TargetGrants: 'TargetGrants/Grant',
  TotalPartsCount: 'PartsCount',
};

const lists = [
  ...[
    'ListBucketResult/Contents',
    'Contents/ChecksumAlgorithm',
    'DeleteResult/Deleted',
    'DeleteResult/Error',
  ],
  ...['CommonPrefixes', 'ListPartsResult/Part', 'Buckets/Bucket', 'TagSet/Tag', 'AccessControlList/Grant'],
  'TargetGrants/Grant',
];

/** Reads what is expected, member by member, out of a document; the expected value says what kind it is. */
function readLike(expected: unknown, key: string, content: XmlValue): unknown {
  if (Array.isArray(expected)) {
    if (!Array.isArray(content)) throw new Error(`${key} is no array`);
    const like = expected.every((item) => typeof item === 'object')
      ? Object.assign({}, ...expected)
      : expected[0];
    return content.map((item) => readLike(like, key, item));
  }
  if (typeof expected === 'object' && expected !== null) {
    const structure: Structure = {};
    for (const [name, like] of Object.entries(expected)) {
      // botocore gives an attribute as a member.
      const found =
        name === 'Type'
          ? ([key, readKey(key).attributes['xsi:type']] as const)
          : find(content, places[name] ?? name);
      if (found?.[1] !== undefined) structure[name] = readLike(like, found[0], found[1]);
    }
    return structure;
  }
  if (typeof content !== 'string') throw new Error(`${key} is no text`);
  if (typeof expected === 'number') return Number(content);
  if (typeof expected === 'boolean') return content === 'true';
  return /^\d{4}-\d\d-\d\dT/.test(content) ? new Date(content).toISOString() : content;
}

function find(content: XmlValue, place: string): [key: string, value: XmlValue] | undefined {
  const [outer = '', inner] = place.split('/');
  const found = findChild(content, outer);
  return inner === undefined ? found : findChild(found?.[1], inner);
}

/** The document's root: its key and content. */
function rootOf(document: XmlObject): [key: string, content: XmlValue] {
  const [root] = Object.entries(document);
  if (!root) throw new Error('the document has no root');
  return root;
}

function readResponse(expected: Structure, body: string): unknown {
  const document = parseXml(body, { lists, attributes: 'drop-default-namespace' });
  const [key, content] = rootOf(document);
  // The root is itself the member where a response has a payload.
  return readLike(expected, key, tagName(key) in expected ? document : content);
}

describe('responses', () => {
  /** Of these cases, botocore's own code adds or leaves out something that is not in the body. */
  const fromHeaders: Record<string, readonly string[]> = {
    'complete-multipart': ['VersionId'],
    'copy-object': ['VersionId', 'CopySourceVersionId'],
    'object-attributes': ['LastModified'],
  };
  /** What botocore takes the document for is nothing at all; so the whole document is compared. */
  const wholeDocuments: Record<string, XmlObject> = {
    'get-versioning-never-set': { VersioningConfiguration: '' },
    'bucket-location': { LocationConstraint: 'eu-central-1' },
  };
  const withBody = s3.responses.filter(({ body }) => body !== '');

  test('only the answer to a HEAD request has no body', () => {
    expect(s3.responses.filter(({ body }) => body === '').map(({ operation }) => operation)).toEqual([
      'HeadObject',
    ]);
  });

  test.each(withBody.filter(({ name }) => !(name in wholeDocuments)))('$name', ({ name, expected, body }) => {
    const inBody = Object.entries(expected).filter(([member]) => !fromHeaders[name]?.includes(member));
    expect(readResponse(expected, body)).toEqual(Object.fromEntries(inBody));
  });

  test.each(withBody.filter(({ name }) => name in wholeDocuments))('$name, as a whole', ({ name, body }) => {
    expect(parseXml(body, { attributes: 'drop-default-namespace' })).toEqual(wholeDocuments[name]);
  });

  test.each(withBody)('$name can be written again, and reads the same', ({ body }) => {
    const document = parseXml(body, { lists });
    expect(parseXml(buildXml(document, { lists }), { lists })).toEqual(document);
  });
});

describe('published response bodies', () => {
  test.each(parsing.filter(({ body }) => body.startsWith('<')))(
    '$name, $kind',
    ({ kind, expected, body }) => {
      const { ResponseMetadata: _, ...structure } = expected;
      const read = readResponse(structure, body);
      expect(read).toEqual(normalized(structure));
      expect(kind === 'error').toBe('Error' in structure);
    },
  );

  test('a policy is JSON, and no XML', () => {
    const [policy, ...others] = parsing.filter(({ body }) => !body.startsWith('<'));
    expect(others).toEqual([]);
    expect(() => parseXml(policy?.body ?? '')).toThrow(expect.objectContaining({ code: 'no-root' }));
  });
});

/** Timestamps as `readLike` gives them. */
function normalized(structure: unknown): unknown {
  return JSON.parse(JSON.stringify(structure), (_key, value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value).toISOString() : value,
  );
}

describe('errors', () => {
  test.each(s3.errors.filter(({ synthesized }) => !synthesized))(
    '$name',
    ({ body, headers, expected, expectedMetadata }) => {
      const { Error: error } = parseXml(body);
      const inHeaders = Object.keys(headers).length > 0;
      const { RequestId, HostId, ...rest } = error as XmlObject;
      expect(rest).toEqual(expected);
      if (inHeaders) expect({ RequestId, HostId }).toEqual(expectedMetadata);
    },
  );

  test.each(s3.errors.filter(({ synthesized }) => synthesized))('$name is no XML error', ({ body }) => {
    let root: string | undefined;
    try {
      [root] = rootOf(parseXml(body));
    } catch (error) {
      root = isXmlError(error) ? error.code : String(error);
    }
    expect(root).toBe(body === '' ? 'no-root' : 'html');
  });

  test.each(s3.ok200)('$name: status 200', ({ body, isError, code }) => {
    const [root, content] = rootOf(parseXml(body, { attributes: 'drop-default-namespace' }));
    expect(root === 'Error').toBe(isError);
    expect(find(content, 'Code')?.[1] ?? null).toBe(code);
  });
});

describe('requests', () => {
  const namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  /** Which parameter is the document, and the tag names of its lists. */
  const documents: Record<string, { parameter: string; root: string; items?: Record<string, string> }> = {
    DeleteObjects: { parameter: 'Delete', root: 'Delete', items: { Objects: 'Object' } },
    CompleteMultipartUpload: {
      parameter: 'MultipartUpload',
      root: 'CompleteMultipartUpload',
      items: { Parts: 'Part' },
    },
    CreateBucket: { parameter: 'CreateBucketConfiguration', root: 'CreateBucketConfiguration' },
    PutBucketVersioning: { parameter: 'VersioningConfiguration', root: 'VersioningConfiguration' },
    RestoreObject: { parameter: 'RestoreRequest', root: 'RestoreRequest' },
  };

  test('the requests without a document are those whose body is empty', () => {
    const without = s3.requests.filter(({ operation }) => !(operation in documents));
    expect(without.map(({ body }) => body)).toEqual(['', '', '']);
  });

  test.each(s3.requests.filter(({ body }) => body !== ''))('$name', ({ operation, params, body }) => {
    const { parameter, root, items = {} } = documents[operation] ?? { parameter: '', root: '' };
    // The parameters are plain data.
    const members = Object.entries(params[parameter] as XmlObject);
    const content = Object.fromEntries(members.map(([name, value]) => [items[name] ?? name, value]));
    const text = buildXml({ [root + namespace]: content }, { lists: Object.values(items) });
    expect(text).toBe(body);
  });
});
