/** Removes secrets from responses, before anything else is done with them. */
export interface Redactor {
  /** Adds a secret that was made during the run, such as a signature. */
  add(secret: string): void;
  redact(text: string): string;
}

/** A shorter value is no secret, and redacting it would damage ordinary text. */
const shortest = 8;

/** A redactor of these secrets. */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const known = new Set<string>();
  const add = (secret: string) => {
    if (secret.length >= shortest) known.add(secret);
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    redact(text) {
      let clean = text;
      for (const secret of known) clean = clean.replaceAll(secret, '[redacted]');
      return clean;
    },
  };
}
