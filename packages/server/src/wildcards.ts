/** Whether a text fits a pattern in which `*` is any text and `?` any one character. */
export function matchesPattern(text: string, pattern: string): boolean {
  // Two positions and one way back: no pattern makes this slow, which a regular expression would not promise.
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at;
      resume = position;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
