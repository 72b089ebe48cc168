/** The fields of Slack's forms that are read. */
export const readFields = ['ssl_check', 'command', 'payload', 'team_id', 'user_id'] as const;

/** A field that is read, or whose name is encoded, so that it may be one of them. */
const relevantField = new RegExp(
  `(?:^|&)(?:${readFields.join('|')}|[^=&]*[%+][^=&]*)(?:=[^&]*)?(?=&|$)`,
  'g',
);

/**
 * Reads the {@link readFields} of a form (`application/x-www-form-urlencoded`). Other fields are not decoded: that takes
 * as long as to verify the signature.
 */
export function readFormFields(body: string): URLSearchParams {
  // URLSearchParams skips a leading question mark, as in the query of a URL; here it belongs to the first name.
  return new URLSearchParams(`&${(body.match(relevantField) ?? []).join('')}`);
}
