/** The reader of XML: a file of its own, to be loaded when there is something to read. */
export { parseXml } from '@s3kit/xml/light';
