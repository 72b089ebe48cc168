/** Settings that a session starts with, by name, in the words of `SET`. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * Parses the `options` of a connection, as `pg_split_opts` and `getopt` of PostgreSQL do.
 *
 * @param options such as `-c search_path=slack --work_mem=8MB`; a backslash escapes a space
 * @returns undefined if it contains anything else than settings
 */
export function parseOptions(options: string): SessionSettings | undefined {
  const words = (options.match(/(?:\\.|[^\s\\])+/gs) ?? []).map((word) => word.replaceAll(/\\(.)/gs, '$1'));
  const settings: Record<string, string> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] === '-c' ? `-c${words[++index] ?? ''}` : (words[index] ?? '');
    const [, name, value] = /^(?:-c|--)([\w.-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) return undefined;
    settings[name.replaceAll('-', '_')] = value;
  }
  return settings;
}
