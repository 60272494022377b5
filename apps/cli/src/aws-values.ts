/** How many of the words behind an option are its values, and how the option is written with these. */
type Reading = (
  behind: readonly string[],
  option: string,
) => { readonly taken: number; readonly words: readonly string[] };

// A right, the kind of whom it is for, and whom.
const grant = /^[a-z-]+=(?:id|uri|emailaddress)=/i;

const readings: Readonly<Record<string, Reading>> = {
  '--request-payer': ([next], option) => ({ taken: next === 'requester' ? 1 : 0, words: [option] }),
  '--sse': ([next = '-'], option) => ({
    taken: 0,
    words: [next.startsWith('-') ? `${option}=AES256` : option],
  }),
  '--grants': grants,
  '--grant': grants,
};

function grants(behind: readonly string[], option: string): ReturnType<Reading> {
  const end = behind.findIndex((word) => !grant.test(word));
  const values = end < 0 ? behind : behind.slice(0, end);
  if (values.length === 0) return { taken: 0, words: [option] };
  return { taken: values.length, words: values.flatMap((value) => [option, value]) };
}

/**
 * The words of a command line in which each option has the values that clipanion gives it. `aws s3` has options whose value may be left
 * out, and one with several values: what is one of theirs must not be taken for an operand, which might then be deleted.
 */
export function withPlainValues(words: readonly string[]): string[] {
  const plain: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') return [...plain, ...words.slice(index)];
    const reading = Object.hasOwn(readings, word) ? readings[word] : undefined;
    const { taken, words: read } = reading?.(words.slice(index + 1), word) ?? { taken: 0, words: [word] };
    plain.push(...read);
    index += taken;
  }
  return plain;
}
