import {
  type CredentialPart,
  credentialLabels,
  credentialParts,
  credentialVariables,
  type PartialCredentials,
} from './credentials.ts';
import type { Settings } from './settings.ts';
import { lookAlikeNames } from './variables.ts';

type CredentialCheck = 'env.client-id' | 'env.client-secret' | 'env.signing-secret' | 'env.mix-up';

/** A problem with the credentials. Neither text contains any part of a secret. */
export interface CredentialFinding {
  readonly check: CredentialCheck;
  /** An error is certainly wrong. A warning is an unusual shape: Slack does not document the shapes. */
  readonly severity: 'error' | 'warning';
  /** The credential concerned; absent if it is about several of them. */
  readonly part?: CredentialPart;
  /** What is wrong, as a clause that starts with the name of the variable. */
  readonly message: string;
  /** What to do, as a sentence. */
  readonly hint: string;
}

/** A variable that is set under a name that Spacelift does not read. */
export interface LookAlike {
  readonly part: CredentialPart;
  readonly name: string;
  /** Where it was found: `environment`, or the env file as it was named. */
  readonly source: string;
}

const checkOf = {
  clientId: 'env.client-id',
  clientSecret: 'env.client-secret',
  signingSecret: 'env.signing-secret',
} as const satisfies Record<CredentialPart, CredentialCheck>;

const copyFromSlack = (part: CredentialPart) =>
  `Copy the ${credentialLabels[part]} from Basic Information > App Credentials at https://api.slack.com/apps.`;

/** Finds variables with a similar name for each documented variable that is missing. */
export function findLookAlikes(settings: Settings): LookAlike[] {
  return credentialParts
    .filter((part) => !settings.get(credentialVariables[part]))
    .flatMap((part) =>
      lookAlikeNames[part].flatMap((name) => {
        const setting = settings.get(name);
        // An app id that is remembered is no value under a wrong name.
        return setting && setting.file !== 'project' ? [{ part, name, source: setting.source }] : [];
      }),
    );
}

/**
 * Finds values that are missing, mixed up or damaged. An empty list means that the values look correct; only Slack can
 * tell whether they are.
 */
export function checkCredentials(
  values: PartialCredentials,
  lookAlikes: readonly LookAlike[] = [],
): CredentialFinding[] {
  const findings: CredentialFinding[] = [];
  for (const part of credentialParts) {
    const value = values[part];
    findings.push(...(value ? checkValue(part, value) : [missing(part)]));
  }
  for (const { part, name, source } of lookAlikes) findings.push(underAnotherName(part, name, source));
  if (values.clientSecret && values.clientSecret === values.signingSecret) findings.push(sameSecretTwice);
  return findings;
}

function missing(part: CredentialPart): CredentialFinding {
  return {
    check: checkOf[part],
    severity: 'error',
    part,
    message: `${credentialVariables[part]} is not set`,
    hint: copyFromSlack(part),
  };
}

function underAnotherName(part: CredentialPart, name: string, source: string): CredentialFinding {
  return {
    check: 'env.mix-up',
    severity: 'error',
    part,
    message: `${name} is set (${source}), but Spacelift reads ${credentialVariables[part]}`,
    hint: isSameValue(name)
      ? `Rename it to ${credentialVariables[part]}; Spacelift knows no other name for the ${credentialLabels[part]}.`
      : `Set ${credentialVariables[part]} to the app's ${credentialLabels[part]}.`,
  };
}

/** Whether a look-alike variable holds the value under another name; an App ID, say, is no Client ID. */
function isSameValue(name: string): boolean {
  return name !== 'SLACK_APP_ID';
}

const sameSecretTwice: CredentialFinding = {
  check: 'env.mix-up',
  severity: 'error',
  message: `${credentialVariables.clientSecret} and ${credentialVariables.signingSecret} have the same value`,
  hint: `${credentialVariables.signingSecret} is the Signing Secret, ${credentialVariables.clientSecret} the Client Secret; Slack shows both under Basic Information.`,
};

/**
 * The problem with the value of one credential: what is certainly wrong or, if nothing is, an unusual shape.
 *
 * @param name the variable that holds it
 */
export function checkValue(
  part: CredentialPart,
  value: string,
  name: string = credentialVariables[part],
): CredentialFinding[] {
  const mistake = mistakes.find(({ parts, is }) => (parts ?? credentialParts).includes(part) && is(value));
  if (mistake) {
    const { severity = 'error', looksLike, hint } = mistake;
    return [
      {
        check: 'env.mix-up',
        severity,
        part,
        message: `${name} ${looksLike}`,
        hint: hint ?? copyFromSlack(part),
      },
    ];
  }
  const { usual, description } = shapes[part];
  if (usual.test(value)) return [];
  if (part !== 'clientId' && value.length < shortestSecret) {
    return [
      {
        check: checkOf[part],
        severity: 'error',
        part,
        message: `${name} is too short: expected at least ${shortestSecret} characters, got ${value.length}`,
        hint: copyFromSlack(part),
      },
    ];
  }
  return [
    {
      check: checkOf[part],
      severity: 'warning',
      part,
      message: `${name} does not look like a ${credentialLabels[part]}, which is ${description}`,
      hint: `Compare it with the app's ${credentialLabels[part]}; if they match, ignore this warning.`,
    },
  ];
}

/** Half the length of Slack's secrets. A shorter one can be guessed. */
const shortestSecret = 16;

const secret = { usual: /^[0-9a-f]{32}$/, description: 'usually 32 digits and letters from a to f' };
const shapes: Record<CredentialPart, { readonly usual: RegExp; readonly description: string }> = {
  clientId: { usual: /^\d+\.\d+$/, description: 'two numbers with a dot between them' },
  clientSecret: secret,
  signingSecret: secret,
};

interface Mistake {
  /** The credentials for which it is a mistake; absent for all of them. */
  readonly parts?: readonly CredentialPart[];
  readonly is: (value: string) => boolean;
  readonly severity?: 'warning';
  /** Follows the name of the variable. */
  readonly looksLike: string;
  readonly hint?: string;
}

/** From the most to the least specific: only the first match is reported. */
const mistakes: readonly Mistake[] = [
  {
    is: (value) => /^[•*●∙·]+$/.test(value),
    looksLike: 'contains the dots of a hidden field instead of the value',
    hint: 'Press Show beside the field on Slack\'s page "Basic Information", then copy it.',
  },
  {
    is: (value) =>
      /^(op:\/\/|vault:|arn:|secretref:|ref\+|projects\/[^/]+\/secrets\/|@Microsoft\.KeyVault)/i.test(value),
    looksLike: 'contains a reference to a secret store instead of the value',
    hint: 'Resolve the reference first, and set the value itself: Spacelift does not resolve it.',
  },
  {
    is: (value) => /^\$?\{.*\}$|^\$\(.*\)$|^\$[A-Z_]\w*$|^%\w+%$/is.test(value),
    looksLike: 'contains a variable or template that was not replaced',
    hint: 'Check what should have replaced it, such as the shell, Compose or the pipeline.',
  },
  {
    is: (value) => /^(export\s+)?[A-Za-z_]\w*\s*=\s*\S/.test(value),
    looksLike: 'contains a whole assignment (NAME=value)',
    hint: 'Set only what follows the equals sign.',
  },
  {
    is: (value) => placeholders.some((pattern) => pattern.test(value)),
    looksLike: 'still contains a placeholder',
  },
  {
    is: (value) => value !== value.trim(),
    looksLike: 'begins or ends with a space or a line break',
    hint: 'Remove it.',
  },
  {
    is: (value) => /^(["'`]).*\1$/s.test(value),
    looksLike: 'has quotes that became part of the value',
    hint: 'Remove the quotes: docker --env-file and Kubernetes Secrets use a value literally.',
  },
  {
    is: (value) => /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u00a0\u3164\ufffd]/u.test(value),
    looksLike: 'contains an invisible or control character',
    hint: 'Copy the value again from Slack\'s page "Basic Information".',
  },
  {
    is: (value) => /^xoxe/i.test(value),
    looksLike: 'looks like a configuration or rotating token (xoxe)',
  },
  { is: (value) => /^xox[a-z]-/i.test(value), looksLike: 'looks like a bot or user token (xox)' },
  { is: (value) => /^xapp-/i.test(value), looksLike: 'looks like an app-level token (xapp-)' },
  { is: (value) => /^xwfp-/i.test(value), looksLike: 'looks like a workflow token (xwfp-)' },
  { is: (value) => /^A[A-Z0-9]{7,}$/.test(value), looksLike: 'looks like an App ID' },
  { is: (value) => /^[TE][A-Z0-9]{7,}$/.test(value), looksLike: 'looks like the ID of a workspace' },
  {
    parts: ['clientId'],
    is: wasReadAsNumber,
    looksLike: 'looks like a number that lost its last digits',
    hint: 'Copy the Client ID again, and quote it: a YAML parser or a spreadsheet reads it as a number.',
  },
  {
    parts: ['clientId'],
    is: (value) => /^[0-9a-f]{32}$/.test(value),
    looksLike: 'looks like a secret',
  },
  {
    parts: ['clientSecret', 'signingSecret'],
    is: (value) => /^\d{6,}\.\d{6,}$/.test(value),
    looksLike: 'looks like a Client ID',
  },
  {
    parts: ['clientSecret', 'signingSecret'],
    severity: 'warning',
    is: (value) => /^(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9]{24}$/.test(value),
    looksLike: 'looks like the Verification Token',
  },
];

/**
 * Placeholders for a value that was to be filled in. None of them can be a value of Slack's, which are decimal or
 * hexadecimal.
 */
const placeholders: readonly RegExp[] = [
  /^<[^<>]*>$/,
  /^(.)\1{2,}$/s,
  /^(your|my|insert|enter|put|paste|replace|change|fill|add|set)[-_ ]/i,
  /^(changeme|replaceme|fillme|to[-_ ]?do|tb[ad]|fix[-_ ]?me|null|nil|none|undefined|nan|true|false|empty|unset)$/i,
  /^(placeholder|example|sample|dummy|test|secret|password|(slack[-_ ]?)?(app[-_ ]?)?((client|signing)[-_ ]?)?(id|secret))$/i,
  /[-_ ](here|placeholder)$/i,
];

/**
 * A client ID has more digits than a floating-point number. One that was read as a number and written again is in
 * exponent notation, or is exactly what the number prints as: at most 17 digits, few of them after the dot.
 */
function wasReadAsNumber(value: string): boolean {
  if (/^\d+(\.\d+)?e[+-]?\d+$/i.test(value)) return true;
  const digits = /^(?<team>\d{9,})\.(?<app>\d{1,8})$/.exec(value);
  return digits !== null && value.length >= 15 && String(Number(value)) === value;
}
