import { isDeepStrictEqual } from 'node:util';
import { parse } from 'dotenv';
import { UserError } from '../user-error.ts';
import {
  type Credentials,
  credentialPlaceholders,
  credentialVariables,
  type PartialCredentials,
  realCredentials,
  type Variables,
  variablesOf,
} from './credentials.ts';
import { setVariables } from './dotenv-document.ts';
import { type NamedFile, type NewContent, type StoreOutcome, updateSecretFile } from './secret-file.ts';

/**
 * Writes the three variables to a dotenv file and leaves everything else unchanged. The result is read back before it
 * replaces the old file. Afterwards only the owner can read the file.
 *
 * @throws UserError `file-not-written`, `value-unwritable` or `env-file-unclear`; the file is then unchanged
 */
export function storeCredentials(file: NamedFile, credentials: Credentials): Promise<StoreOutcome> {
  const values = variablesOf(credentials);
  return updateSecretFile(file, (before = Buffer.alloc(0)) => merge(file.name, before, values));
}

const sample: Credentials = {
  clientId: '0000000000.0000000000000',
  clientSecret: '0'.repeat(32),
  signingSecret: '1'.repeat(32),
};

/**
 * Does everything that {@link storeCredentials} does except the last step, with sample values, to find out whether
 * credentials that come only once can be stored.
 *
 * @returns the credentials in the file
 * @throws UserError as {@link storeCredentials}
 */
export async function rehearseCredentials(file: NamedFile): Promise<PartialCredentials> {
  let kept: PartialCredentials = {};
  const rehearsed = new Error('the rehearsal succeeded');
  const update = (before: Buffer = Buffer.alloc(0)): NewContent => {
    kept = realCredentials(parse(before.toString()));
    const { content, verify } = merge(file.name, before, variablesOf(sample));
    return {
      content,
      verify(written) {
        verify?.(written);
        throw rehearsed;
      },
    };
  };
  await updateSecretFile(file, update).catch((error: unknown) => {
    if (error !== rehearsed) throw error;
  });
  return kept;
}

/**
 * Writes placeholders instead of the values, for an example file that everybody may read.
 *
 * @throws UserError as {@link storeCredentials}, and `env-file-in-use` if the file holds a real value
 */
export function storePlaceholders(file: NamedFile): Promise<StoreOutcome> {
  const placeholders = variablesOf(credentialPlaceholders);
  const update = (before: Buffer = Buffer.alloc(0)) => {
    requireNoValues(file.name, parse(before.toString()), placeholders);
    return merge(file.name, before, placeholders);
  };
  return updateSecretFile(file, update, 'everybody');
}

function merge(name: string, before: Buffer, values: Variables): NewContent {
  const { text, repeated } = setVariables(before.toString('latin1'), values);
  const old = parse(before.toString());
  const expected = { ...old, ...values };
  return {
    summary: summarize(old, values),
    content: Buffer.from(text, 'latin1'),
    notes: repeated.map(
      (key) => `${key} was assigned more than once in ${name}; only the first assignment is left`,
    ),
    verify(written) {
      if (isDeepStrictEqual(parse(written.toString()), expected)) return;
      throw new UserError('env-file-unclear', `${name} cannot be changed safely`, {
        hint: `Check it for quotes that are not closed, or write ${Object.keys(values).join(', ')} by hand.`,
        exitCode: 3,
      });
    },
  };
}

/** What setting the values does to the old ones. */
function summarize(old: Readonly<Record<string, string>>, values: Variables): string {
  const unchanged = Object.entries(values).filter(([key, value]) => old[key] === value).length;
  const changed = Object.entries(values).filter(([key, value]) => old[key] !== value);
  return [
    ...changed.map(([key]) => `${key} ${Object.hasOwn(old, key) ? 'replaced' : 'added'}`),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ].join(', ');
}

function requireNoValues(
  name: string,
  values: Readonly<Record<string, string>>,
  placeholders: Variables,
): void {
  const real = Object.values(credentialVariables).find(
    (key) => values[key] && values[key] !== placeholders[key],
  );
  if (real === undefined) return;
  throw new UserError('env-file-in-use', `${name} has a value for ${real} that a placeholder would replace`, {
    hint: 'Write to an example file: --placeholders --write .env.example',
    exitCode: 2,
  });
}
