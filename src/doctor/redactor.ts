/** Takes secrets out of what comes back from elsewhere, before anything else is done with it. */
export interface Redactor {
  /** Adds a secret that was made on the way. */
  add(secret: string): void;
  redact(text: string): string;
}

/** What is shorter than this is no secret, and would tear holes into ordinary text. */
const shortest = 8;

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
