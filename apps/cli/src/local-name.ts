/**
 * The last part of a remote name, which is the name of a file here and nowhere else; undefined where there is none.
 *
 * The name comes from the other side: whatever it holds, it must not lead out of the directory.
 */
export function localNameOf(
  remoteName: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const name = remoteName.split(platform === 'win32' ? /[/\\:]/ : '/').at(-1) ?? '';
  return name === '' || name === '.' || name === '..' || name.includes('\0') ? undefined : name;
}
