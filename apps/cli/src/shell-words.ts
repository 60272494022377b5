/**
 * The words of a line, by the quotes and backslashes of a shell; nothing is expanded.
 *
 * @throws {SyntaxError} a quote that is not closed, or a backslash with nothing behind it
 */
export function wordsOf(line: string): readonly string[] {
  const pieces = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)|(\s+)|(.)/gs;
  const words: string[] = [];
  let word: string | undefined;
  for (const [, single, double, escaped, plain, space, open] of line.matchAll(pieces)) {
    // Without it, the line would mean something else.
    if (open !== undefined)
      throw new SyntaxError(
        open === '\\' ? 'a backslash with nothing behind it' : `a quote that is not closed: ${open}`,
      );
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
  }
  return word === undefined ? words : [...words, word];
}
