import type { XmlObject } from '@s3kit/xml';
import { type ErrorCode, s3Error } from './errors.ts';
import { textOf } from './xml-documents.ts';

/** @throws {S3Error} two rules have one ID, or an ID is too long */
export function checkRuleIds(rules: readonly XmlObject[], code: ErrorCode): void {
  // An empty ID is none: S3 makes one up.
  const ids = rules.map((rule) => textOf(rule['ID']) ?? '').filter((id) => id !== '');
  if (ids.some((id) => id.length > 255)) {
    throw s3Error(code, { message: 'ID length should not exceed allowed limit of 255' });
  }
  if (new Set(ids).size < ids.length) {
    throw s3Error(code, { message: 'Rule ID must be unique. Found same ID for more than one rule' });
  }
}
