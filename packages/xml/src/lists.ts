/** Which tags are lists, in the form that both directions ask for. */
export interface ListRules {
  /** Whether a tag with this parent is a list. */
  isList(parent: string, child: string): boolean;
  /** The lists that a parent is known to have: the children of its `Parent/Child` entries. */
  listsOf(parent: string): readonly string[];
}

/** Reads the `lists` option: entries are tag names, or `Parent/Child` pairs. */
export function listRules(lists: readonly string[] = []): ListRules {
  const names = new Set<string>();
  const pairs = new Map<string, string[]>();
  for (const entry of lists) {
    const [first, second, ...rest] = entry.split('/');
    if (!first || second === '' || rest.length > 0) {
      throw new TypeError(`lists: '${entry}' is neither a tag name nor a 'Parent/Child' pair`);
    }
    if (second === undefined) names.add(first);
    else pairs.set(first, [...(pairs.get(first) ?? []), second]);
  }
  const listsOf = (parent: string): readonly string[] => pairs.get(parent) ?? [];
  return { listsOf, isList: (parent, child) => names.has(child) || listsOf(parent).includes(child) };
}
