import { isObject } from '../json-value.ts';
import { UserError } from '../user-error.ts';
import { type CredentialPart, credentialParts, credentialVariables } from './credentials.ts';
import { override, type Settings } from './settings.ts';

/** What Slack calls the parts in its answer to apps.manifest.create. */
const slackNames = {
  clientId: 'client_id',
  clientSecret: 'client_secret',
  signingSecret: 'signing_secret',
} as const satisfies Record<CredentialPart, string>;

/**
 * Reads secrets that were piped in: dotenv lines, a JSON object with the variables, or Slack's answer to
 * apps.manifest.create, whole or its `credentials` alone.
 *
 * @param wanted the variables of which at least one must be there
 * @returns the values by the names of the variables
 * @throws UserError `secrets-unreadable`; it holds nothing of the text
 */
export async function parseSecrets(
  text: string,
  wanted: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (text.trim() === '') throw unreadable('is empty');
  const values = await readValues(text);
  if (wanted.some((name) => values[name])) return values;
  throw unreadable(`holds no value for ${wanted.join(', ')}`);
}

async function readValues(text: string): Promise<Readonly<Record<string, string>>> {
  if (!text.trimStart().startsWith('{')) {
    const { parse } = await import('dotenv');
    return parse(text);
  }
  const object = readObject(text);
  const refusal = object['ok'] === false ? object['error'] : undefined;
  if (refusal !== undefined) throw unreadable(`holds a refusal of Slack (${String(refusal)})`);
  const credentials = isObject(object['credentials']) ? object['credentials'] : object;
  const named = Object.entries(credentials).map(([name, value]) => [variableOf(name), value] as const);
  const values: Record<string, string> = {};
  for (const [name, value] of named) {
    if (typeof value === 'string') values[name] = value;
    else if (isVariable(name)) throw unreadable(`holds a ${typeof value} for ${name} where a string belongs`);
  }
  return values;
}

/** Settings that look at piped values first. */
export function withSecrets(secrets: Readonly<Record<string, string>>, settings: Settings): Settings {
  return {
    get: (name) =>
      override(
        Object.hasOwn(secrets, name) ? secrets[name] : undefined,
        'standard input',
        settings.get(name),
      ),
    ignored: settings.ignored,
  };
}

function variableOf(name: string): string {
  const part = credentialParts.find((candidate) => slackNames[candidate] === name);
  return part ? credentialVariables[part] : name;
}

function isVariable(name: string): boolean {
  return Object.values<string>(credentialVariables).includes(name);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's own message quotes the text, which holds secrets.
  }
  throw unreadable('begins like JSON, but is not valid JSON');
}

function unreadable(problem: string): UserError {
  return new UserError('secrets-unreadable', `standard input ${problem}`, {
    hint: `Pipe dotenv lines or a JSON object with ${Object.values(credentialVariables).join(', ')}, or Slack's "credentials" object.`,
    exitCode: 2,
  });
}
