import { isObject } from '../json-value.ts';
import { UserError } from '../user-error.ts';
import { type CredentialPart, credentialParts, credentialVariables } from './credentials.ts';
import { override, type Settings } from './settings.ts';

/** The names of the parts in Slack's response to apps.manifest.create. */
const slackNames = {
  clientId: 'client_id',
  clientSecret: 'client_secret',
  signingSecret: 'signing_secret',
} as const satisfies Record<CredentialPart, string>;

/**
 * Parses secrets from standard input: dotenv lines, a JSON object with the variables, or Slack's response to
 * apps.manifest.create, whole or only its `credentials`.
 *
 * @param wanted the variables of which at least one is required
 * @returns the values by the names of the variables
 * @throws UserError `secrets-unreadable`; it shows nothing of the text
 */
export async function parseSecrets(
  text: string,
  wanted: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (text.trim() === '') throw unreadable('is empty');
  const values = await readValues(text);
  if (wanted.some((name) => values[name])) return values;
  throw unreadable(`has no value for ${wanted.join(', ')}`);
}

async function readValues(text: string): Promise<Readonly<Record<string, string>>> {
  if (!text.trimStart().startsWith('{')) {
    const { parse } = await import('dotenv');
    return parse(text);
  }
  const object = readObject(text);
  const error = object['ok'] === false ? object['error'] : undefined;
  if (error !== undefined) throw unreadable(`is an error response of Slack (${String(error)})`);
  const credentials = isObject(object['credentials']) ? object['credentials'] : object;
  const named = Object.entries(credentials).map(([name, value]) => [variableOf(name), value] as const);
  const values: Record<string, string> = {};
  for (const [name, value] of named) {
    if (typeof value === 'string') values[name] = value;
    else if (isVariable(name)) throw unreadable(`has a value for ${name} that is not a string`);
  }
  return values;
}

/** Settings with the values from standard input first. */
export function withSecrets(secrets: Readonly<Record<string, string>>, settings: Settings): Settings {
  return {
    ...settings,
    get: (name) =>
      override(
        Object.hasOwn(secrets, name) ? secrets[name] : undefined,
        'standard input',
        settings.get(name),
      ),
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
    // The message of the parser quotes the text, which contains secrets.
  }
  throw unreadable('is not valid JSON');
}

function unreadable(problem: string): UserError {
  return new UserError('secrets-unreadable', `standard input ${problem}`, {
    hint: `Pipe dotenv lines or a JSON object with ${Object.values(credentialVariables).join(', ')}, or Slack's "credentials" object.`,
    exitCode: 2,
  });
}
