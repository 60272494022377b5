import { parseXml as withFastXmlParser, type XmlObject, type XmlParseOptions } from '../src/index.ts';
import { parseXml as light } from '../src/light.ts';

type ParseXml = (text: string, options?: XmlParseOptions) => XmlObject;

/** The `parseXml` of either entry; what one does, the other must do. */
export const readers: [entry: string, parseXml: ParseXml][] = [
  ['@s3kit/xml', withFastXmlParser],
  ['@s3kit/xml/light', light],
];
