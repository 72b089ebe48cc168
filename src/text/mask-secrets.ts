const secretName =
  /secret|token|passw(?:or)?d|passphrase|credential|(?:private|api|access|encryption|signing)[_-]?key|^auth(?:orization)?$/i;

/** Whether a key or a variable is named like a secret. Switches such as `token_rotation_enabled` are not. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !/_enabled$/i.test(name);
}

/** Whether a text looks like a secret, whatever its name is. */
function looksSecret(word: string): boolean {
  const changes = word.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  const isMixed = /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
  return /^[0-9a-f]{32,}$/i.test(word) || (word.length >= 20 && (isMixed || changes >= 6));
}

/** Slack's tokens, the password of a URL, and tokens that other services mark by their beginning. */
const marked =
  /\b(?:xox[a-z][.-][\w.-]+|xapp-[\w-]+|xwfp-[\w-]+|gh[a-z]_\w+|github_pat_\w+|sk_(?:live|test)_\w+|AKIA[A-Z0-9]{12,}|eyJ[\w-]+\.[\w-]+\.[\w-]*)|(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g;

/**
 * Replaces what looks like a secret by asterisks: tokens, long random words, and the values of keys that are named
 * like one in JSON, in YAML and in env files. The text keeps its length, so that columns stay.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(/("([^"\\]+)"\s*:\s*")((?:[^"\\]|\\.)*)/g, (all, before: string, name: string, value: string) =>
      isSecretName(name) ? before + asterisks(value) : all,
    )
    .replace(
      /^(\s*(?:- +)?(?:export +)?['"]?([\w.-]+)['"]? *[:=] *)(\S.*)$/gm,
      (all, before: string, name: string, value: string) =>
        isSecretName(name) && !/^(?:true|false|null|[[{|>].*)$/i.test(value)
          ? before + asterisks(value)
          : all,
    )
    .replace(marked, asterisks)
    .replace(/^\s*[A-Za-z0-9+/]{40,}={0,2}\s*$/gm, asterisks)
    .replace(/[\w+=-]{20,}/g, (word) => (looksSecret(word) ? asterisks(word) : word));
}

function asterisks(text: string): string {
  return text.replace(/\S/g, '*');
}
