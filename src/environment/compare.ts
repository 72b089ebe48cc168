import { credentialParts, credentialVariables } from './credentials.ts';
import type { Settings } from './settings.ts';

export interface VariableComparison {
  readonly name: string;
  readonly status: keyof typeof wordings;
}

const wordings = {
  same: 'same in both',
  different: 'different',
  'only-in-environment': 'missing in the file',
  'only-in-file': 'missing in the environment',
  missing: 'missing in both',
} as const;

/** Compares the three variables of an env file with those of the environment. The result contains no values. */
export function compareVariables(
  file: Readonly<Record<string, string>>,
  environment: Settings,
): VariableComparison[] {
  return credentialParts.map((part) => {
    const name = credentialVariables[part];
    return { name, status: compare(file[name] ?? '', environment.get(name)?.value ?? '') };
  });
}

function compare(inFile: string, inEnvironment: string): VariableComparison['status'] {
  if (inFile === inEnvironment) return inFile === '' ? 'missing' : 'same';
  if (inFile === '') return 'only-in-environment';
  return inEnvironment === '' ? 'only-in-file' : 'different';
}

/** Whether each variable is set and the same in both. */
export function isSame(comparisons: readonly VariableComparison[]): boolean {
  return comparisons.every(({ status }) => status === 'same');
}

/** The comparison as text, one line for each variable, without values. */
export function renderComparison(comparisons: readonly VariableComparison[]): string {
  const width = Math.max(...comparisons.map(({ name }) => name.length));
  return comparisons.map(({ name, status }) => `${name.padEnd(width)}  ${wordings[status]}\n`).join('');
}

/** The comparison as JSON, without values. */
export function renderComparisonJson(comparisons: readonly VariableComparison[]): string {
  return `${JSON.stringify({ same: isSame(comparisons), variables: comparisons }, null, 2)}\n`;
}
