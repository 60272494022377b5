// The licences of what the build has taken in, which have to go with it: from esbuild's list of inputs into one text.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const dist = `${here}dist/`;
const metafiles = (await readdir(dist)).filter((name) => /^metafile-.*\.json$/.test(name));

/** The folders of packages, by their names. */
const folders = new Map();
for (const metafile of metafiles) {
  const { outputs } = JSON.parse(await readFile(dist + metafile, 'utf8'));
  for (const input of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
    const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(input) ?? [];
    if (folder !== undefined) folders.set(`${name} ${folder}`, `${here}${folder}/`);
  }
  await rm(dist + metafile);
}
if (folders.size === 0) throw new Error('no package was taken in: tsup --metafile has to run before');

const texts = [];
for (const [, folder] of [...folders].sort(([one], [other]) => (one < other ? -1 : 1))) {
  const { name, version, license, repository } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|notice|copying)\b/i.test(file));
  const contents = await Promise.all(files.sort().map((file) => readFile(folder + file, 'utf8')));
  if (files.length === 0) contents.push(await sectionOfReadme(folder));
  if (!contents.some((text) => text.includes('Permission') || text.includes('Apache License')))
    throw new Error(
      `${name} ${version} is taken in, and has no text of its licence (${license}) in ${folder}`,
    );
  const address = typeof repository === 'string' ? repository : (repository?.url ?? '');
  texts.push(
    [`${name} ${version} (${license})`, address, '', ...contents.map((text) => text.trim())].join('\n'),
  );
}
const introduction = 'The program in this folder holds code of these packages, under their own licences.';
const line = `\n\n${'-'.repeat(78)}\n\n`;
await writeFile(`${dist}THIRD-PARTY-LICENSES`, `${[introduction, ...texts].join(line)}\n`);

/** Some packages have the text in their README only, as its last section. */
async function sectionOfReadme(folder) {
  const readme = await readFile(`${folder}README.md`, 'utf8').catch(() => '');
  const [section = ''] = /^#+ licen[cs]e.*$/ims.exec(readme) ?? [];
  return section;
}
