import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';

/** An element as another XML parser sees it, without any of our rules. */
export interface OtherElement {
  name: string;
  attributes: Record<string, string>;
  /** The child elements, or the text if there are none. */
  content: string | OtherElement[];
}

function fromElement(element: XmlElement): OtherElement {
  const elements = element.children.filter((node) => node instanceof XmlElement);
  const texts = element.children.filter((node) => node instanceof XmlText);
  return {
    name: element.name,
    attributes: { ...element.attributes },
    content: elements.length > 0 ? elements.map(fromElement) : texts.map(({ text }) => text).join(''),
  };
}

/** Reads a document with another XML parser; throws when it is not well formed. */
export function parseWithOther(text: string): OtherElement {
  const { root } = parseXml(text);
  if (!root) throw new Error('there is no root element');
  return fromElement(root);
}
