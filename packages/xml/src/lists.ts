/** Which children of one parent are lists. */
export interface ChildLists {
  /** Whether a child with this tag name is a list. */
  has(child: string): boolean;
  /** The lists that the parent has even without any such child: those of its `Parent/Child` entries. */
  readonly always: readonly string[];
}

/** Which tags are lists, by the tag name of their parent, in the form that both directions ask for. */
export type ListRules = (parent: string) => ChildLists;

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
  const childLists = (always: readonly string[]): ChildLists => ({
    always,
    has: (child) => names.has(child) || always.includes(child),
  });
  const parents = new Map(Array.from(pairs, ([parent, children]) => [parent, childLists(children)]));
  const others = childLists([]);
  return (parent) => parents.get(parent) ?? others;
}
