/** Whether two ETags are one, in quotes or not, weak or not. */
export function sameETag(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

function bare(eTag: string): string {
  return eTag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
}
