/** What can be done with a family of configuration. */
export type ConfigurationVerb = 'get' | 'set' | 'delete' | 'list';

/** How a family of configuration, of a bucket or of an object, is asked for and set. */
export interface ConfigurationFamily {
  /** The query parameter that names it. */
  readonly subresource: string;
  /** What its document is; `text` is taken and given as it is. */
  readonly format: 'xml' | 'json' | 'text';
  readonly methods: readonly ConfigurationVerb[];
  /** The root tag of its document, where that is XML. */
  readonly root?: string;
  /** Another name of that tag, as some services or pages of the documentation have it. */
  readonly alias?: string;
  /** The tags of its document that are lists, however often they stand there. */
  readonly lists?: readonly string[];
  /** The query parameter that names one of several. */
  readonly id?: string;
  /** The HTTP method that sets it. @default 'PUT' */
  readonly setBy?: 'POST';
  /**
   * Which services know it: `all`; those that know it when they are asked; or `amazon` alone.
   *
   * A service that does not know a subresource may take the request for one about the bucket or the object itself, and
   * delete or overwrite that. So it is asked before the first change, unless it is Amazon's.
   *
   * @default 'all'
   */
  readonly known?: 'all' | 'asked' | 'amazon';
  /** The codes of a refusal where nothing is set: whoever gives one knows the family. */
  readonly none?: readonly string[];
}

/** What tells a family from others, but for what can be done with it. */
export type FamilyDetails = Omit<ConfigurationFamily, 'methods'>;

/** Families of which it is known what can be done with them. */
export function withVerbs(
  families: Readonly<Record<string, FamilyDetails>>,
  verbs: Readonly<Record<string, readonly ConfigurationVerb[]>>,
): Readonly<Record<string, ConfigurationFamily>> {
  return Object.fromEntries(
    Object.entries(families).map(([name, family]) => [name, { ...family, methods: verbs[name] ?? [] }]),
  );
}
