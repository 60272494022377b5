// What a bucket holds, in the order of its keys, and its listings, whose text is made once for each key.
const pageSize = 1000;

/** Objects by their keys, which are compared as JavaScript does it: as S3 does, for keys of ASCII. */
export class Shelf {
  #objects = new Map();
  /** In order, and with those that have been deleted since they were last counted. */
  #keys = [];
  #deleted = 0;
  /** The element of each key in a listing: `plain`, and with the key encoded, `url`. */
  #elements = new Map();

  get(key) {
    return this.#objects.get(key);
  }

  set(key, object) {
    if (!this.#objects.has(key)) {
      const position = this.#firstNotBelow(key);
      if (this.#keys[position] === key) this.#deleted--;
      else this.#keys.splice(position, 0, key);
    }
    this.#objects.set(key, object);
    this.#elements.delete(key);
  }

  delete(key) {
    if (!this.#objects.delete(key)) return;
    this.#elements.delete(key);
    // To close the gap of each would take as long as all else that a deletion is.
    if (++this.#deleted * 2 < this.#keys.length) return;
    this.#keys = this.#keys.filter((one) => this.#objects.has(one));
    this.#deleted = 0;
  }

  #firstNotBelow(key) {
    const keys = this.#keys;
    // Keys come in their order for the most part.
    if (keys.length === 0 || keys[keys.length - 1] < key) return keys.length;
    let low = 0;
    for (let high = keys.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The answer to ListObjects, or to ListObjectsV2 where the query asks for that. */
  list(query) {
    const isSecond = query.get('list-type') === '2';
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const isEncoded = query.get('encoding-type') === 'url';
    const maxKeys = Math.min(Number(query.get('max-keys') ?? pageSize), pageSize);
    const after =
      (isSecond ? (query.get('continuation-token') ?? query.get('start-after')) : query.get('marker')) ?? '';
    const page = this.#page({ prefix, delimiter, after, maxKeys, isEncoded });
    const text = isEncoded ? urlText : xmlText;
    const isTruncated = page.next !== undefined;
    const head = [
      '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name>',
      element('Prefix', text(prefix)),
      element('MaxKeys', maxKeys),
      delimiter === '' ? '' : element('Delimiter', text(delimiter)),
      isEncoded ? element('EncodingType', 'url') : '',
      element('IsTruncated', isTruncated),
      isSecond ? element('KeyCount', page.elements.length) : element('Marker', text(after)),
      // A token is nobody's key: it is not encoded.
      isTruncated && isSecond ? element('NextContinuationToken', xmlText(page.next)) : '',
      isTruncated && !isSecond ? element('NextMarker', text(page.next)) : '',
    ].join('');
    return Buffer.concat([Buffer.from(head), ...page.elements, Buffer.from('</ListBucketResult>')]);
  }

  #page({ prefix, delimiter, after, maxKeys, isEncoded }) {
    const keys = this.#keys;
    const elements = [];
    let last;
    let position = this.#firstNotBelow(prefix);
    if (after !== '') {
      // What begins with a common prefix that was listed has been told of.
      const isGroup = delimiter !== '' && after.length > prefix.length && after.endsWith(delimiter);
      position = Math.max(position, this.#firstNotBelow(isGroup ? endOf(after) : `${after}\0`));
    }
    while (position < keys.length && keys[position].startsWith(prefix)) {
      const key = keys[position];
      if (!this.#objects.has(key)) {
        position++;
        continue;
      }
      if (elements.length === maxKeys) return { elements, next: last };
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (cut < 0) {
        elements.push(this.#elementsOf(key)[isEncoded ? 'url' : 'plain']);
        last = key;
        position++;
      } else {
        last = key.slice(0, cut + delimiter.length);
        const text = (isEncoded ? urlText : xmlText)(last);
        elements.push(Buffer.from(`<CommonPrefixes>${element('Prefix', text)}</CommonPrefixes>`));
        position = this.#firstNotBelow(endOf(last));
      }
    }
    return { elements };
  }

  #elementsOf(key) {
    let elements = this.#elements.get(key);
    if (elements === undefined) {
      const { length, modified, etag } = this.#objects.get(key);
      const rest = `${element('LastModified', modified.toISOString())}${element('ETag', xmlText(etag))}${element('Size', length)}<StorageClass>STANDARD</StorageClass>`;
      const [plain, url] = [xmlText(key), urlText(key)].map((text) =>
        Buffer.from(`<Contents>${element('Key', text)}${rest}</Contents>`),
      );
      elements = { plain, url };
      this.#elements.set(key, elements);
    }
    return elements;
  }
}

/** Above all that begins with a prefix. */
function endOf(prefix) {
  return `${prefix}\uffff`;
}

function element(name, text) {
  return `<${name}>${text}</${name}>`;
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as XML holds it. */
export function xmlText(text) {
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}

function urlText(key) {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
