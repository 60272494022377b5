// Signs in with keys, lists a bucket, uploads with progress, downloads, and makes URLs for others. `s3kit.js` is the bundle that
// the README beside this file makes. The keys stay in this page's memory.
import { S3Connection, Storage } from './s3kit.js';

const element = (id) => document.getElementById(id);
let storage;

function say(text) {
  element('status').textContent = text;
}

/** Runs what a click asks for, and shows what went wrong. */
function doing(action) {
  return async (event) => {
    event.preventDefault();
    try {
      await action(event);
    } catch (error) {
      say(error.message);
    }
  };
}

async function showKeys() {
  const items = [];
  for await (const { key, size } of storage.bucketListKeys(storage.connection.defaultBucket)) {
    const item = document.createElement('li');
    item.append(`${key} (${size} bytes) `);
    item.append(
      button('download', () => download(key)),
      button('share', () => share(key)),
    );
    items.push(item);
  }
  element('keys').replaceChildren(...items);
}

function button(text, action) {
  const made = document.createElement('button');
  made.textContent = text;
  made.addEventListener('click', doing(action));
  return made;
}

async function download(key) {
  // An object that is stored with a Content-Encoding is saved as what it stands for.
  const { body, headers } = await storage.readStream(key, { acceptDecoded: true });
  const pieces = [];
  for await (const piece of body) pieces.push(piece);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(pieces, { type: headers['content-type'] }));
  link.download = key.split('/').at(-1);
  link.click();
  URL.revokeObjectURL(link.href);
  say(`${key} was downloaded`);
}

async function share(key) {
  const link = document.createElement('a');
  link.href = await storage.presign(key, { expiresIn: 3600 });
  link.textContent = `${key}, for an hour`;
  element('status').replaceChildren(link);
}

element('connection').addEventListener(
  'submit',
  doing(async (event) => {
    storage = new Storage(new S3Connection(Object.fromEntries(new FormData(event.target))));
    await showKeys();
    element('bucket').hidden = false;
    say('');
  }),
);

element('file').addEventListener(
  'change',
  doing(async (event) => {
    const [file] = event.target.files;
    await storage.write(file, file.name, {
      headers: { 'content-type': file.type || 'application/octet-stream' },
      // fetch tells nothing of an upload under way: each part that has arrived moves the bar.
      onProgress: ({ transferred, total }) => {
        element('progress').value = transferred / total;
      },
    });
    say(`${file.name} was uploaded`);
    await showKeys();
  }),
);
