import type { XmlObject, XmlValue } from '@s3kit/xml';
import { demand, has, isOneOf } from './document-checks.ts';
import { s3Error } from './errors.ts';
import { checkRuleIds } from './rule-ids.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/**
 * @throws {S3Error} the document is none that S3 takes
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html}
 */
export function checkCors(text: string): void {
  const { CORSRule } = readDocument(text, 'CORSConfiguration', [
    'CORSConfiguration/CORSRule',
    'CORSRule/AllowedOrigin',
    'CORSRule/AllowedMethod',
    'CORSRule/AllowedHeader',
    'CORSRule/ExposeHeader',
  ]);
  const rules = listOf(CORSRule).map(objectOf);
  demand(rules.length >= 1);
  if (rules.length > 100) {
    throw refused('The number of CORS rules should not exceed allowed limit of 100 rules.');
  }
  checkRuleIds(rules, 'InvalidRequest');
  for (const rule of rules) checkRule(rule);
}

function checkRule(rule: XmlObject): void {
  const methods = listOf(rule['AllowedMethod']);
  demand(
    listOf(rule['AllowedOrigin']).length >= 1,
    methods.length >= 1,
    !has(rule, 'MaxAgeSeconds') || /^\s*[+-]?\d+\s*$/.test(textOf(rule['MaxAgeSeconds']) ?? ''),
  );
  for (const method of methods) {
    if (isOneOf(method, 'GET', 'PUT', 'POST', 'DELETE', 'HEAD')) continue;
    throw refused(
      `Found unsupported HTTP method in CORS config. Unsupported method is ${textOf(method) ?? ''}`,
    );
  }
  for (const name of ['AllowedOrigin', 'AllowedHeader']) {
    for (const value of listOf(rule[name])) {
      if (wildcards(value) <= 1) continue;
      throw refused(`${name} "${textOf(value) ?? ''}" can not have more than one wildcard.`);
    }
  }
  for (const value of listOf(rule['ExposeHeader'])) {
    if (wildcards(value) === 0) continue;
    throw refused(
      `ExposeHeader "${textOf(value) ?? ''}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
    );
  }
}

function wildcards(value: XmlValue): number {
  return (textOf(value) ?? '').split('*').length - 1;
}

function refused(message: string): Error {
  return s3Error('InvalidRequest', { message });
}
