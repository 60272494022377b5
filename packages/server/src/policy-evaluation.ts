import { conditionHolds } from './policy-conditions.ts';
import type { PolicyStatement } from './policy-document.ts';
import { matchesPattern } from './wildcards.ts';

/** What a policy is asked. */
export interface PolicyQuestion {
  /** `s3:GetObject` and the like. */
  action: string;
  /** ARN of the bucket or the object. */
  resource: string;
  /** All names that the caller goes by in policies; none: an anonymous caller. */
  principals: readonly string[];
  /** The values of a condition key, whose name is in lower case; undefined: the request has none. */
  value: (key: string) => readonly string[] | undefined;
}

/**
 * What a policy says: an explicit deny outweighs every allow; undefined: it does not speak of this.
 *
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html}
 */
export function evaluatePolicy(
  statements: readonly PolicyStatement[],
  question: PolicyQuestion,
): 'allow' | 'deny' | undefined {
  const speaking = statements.filter((statement) => applies(statement, question));
  if (speaking.some(({ allow }) => !allow)) return 'deny';
  return speaking.length > 0 ? 'allow' : undefined;
}

function applies(
  statement: PolicyStatement,
  { action, resource, principals, value }: PolicyQuestion,
): boolean {
  const isNamed = statement.principals.some((name) => name === '*' || principals.includes(name));
  // Actions are not case-sensitive, ARNs are.
  const isAction = statement.actions.some((pattern) =>
    matchesPattern(action.toLowerCase(), pattern.toLowerCase()),
  );
  const isResource = statement.resources.some((pattern) => matchesPattern(resource, pattern));
  return (
    isNamed !== statement.notPrincipal &&
    isAction !== statement.notAction &&
    isResource !== statement.notResource &&
    statement.conditions.every(({ operator, key, values }) => conditionHolds(operator, value(key), values))
  );
}
