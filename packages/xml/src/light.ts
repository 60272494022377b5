export { buildXml, type XmlBuildOptions } from './build.ts';
export { escapeText } from './characters.ts';
export { isXmlError, XmlError, type XmlErrorCode, type XmlErrorDetails } from './errors.ts';
export { parseXml } from './light-parse.ts';
export { tagName } from './opening-tag.ts';
export type { XmlParseOptions } from './parse-options.ts';
export type { XmlObject, XmlValue } from './values.ts';
