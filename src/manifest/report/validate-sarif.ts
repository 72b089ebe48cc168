import { pathToFileURL } from 'node:url';
import type { Invocation, Log, ReportingDescriptor } from 'sarif';
import { tool } from '../../package.ts';
import { findRule } from '../rules/catalogue.ts';
import type { ValidatedFile, ValidationFailure } from '../validate.ts';

/** Findings as SARIF 2.1.0 (OASIS), which code scanning services read. */
export function validateAsSarif(files: readonly ValidatedFile[], failure?: ValidationFailure): string {
  const used = [...new Set(files.flatMap(({ findings }) => findings.map(({ rule }) => rule)))].sort();
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool.name, version: tool.version, rules: used.map(describeRule) } },
        invocations: [describeRun(files, failure)],
        columnKind: 'utf16CodeUnits',
        artifacts: files.map(({ name }) => ({ location: { uri: toUri(name) } })),
        results: files.flatMap(({ name, findings }, index) =>
          findings.map(({ rule, severity, message, hint, pointer, line, column }) => ({
            ruleId: rule,
            ruleIndex: used.indexOf(rule),
            level: severity,
            message: { text: `${message}. ${hint}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: toUri(name), index },
                  region: { startLine: line, startColumn: column },
                },
                logicalLocations: [{ fullyQualifiedName: pointer }],
              },
            ],
          })),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** Whether the files are valid, which SARIF can express as the exit code only. */
function describeRun(files: readonly ValidatedFile[], failure: ValidationFailure | undefined): Invocation {
  if (!failure) return { executionSuccessful: true, exitCode: files.every(({ valid }) => valid) ? 0 : 1 };
  const text = `${failure.message}. ${failure.hint}`;
  return {
    executionSuccessful: false,
    exitCode: 2,
    toolExecutionNotifications: [{ level: 'error', message: { text } }],
  };
}

function describeRule(id: string): ReportingDescriptor {
  const rule = findRule(id);
  if (!rule) throw new Error(`there is no rule ${id}`);
  const { severity, title, why, fix, source } = rule;
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: `${title} ${why} Source: ${source}.` },
    help: { text: `${fix} More: spacelift-slack explain ${id}` },
    defaultConfiguration: { level: severity },
  };
}

/** A relative name stays relative to the repository, as a URI reference. */
function toUri(name: string): string {
  return name.startsWith('/')
    ? pathToFileURL(name).href
    : name.split(/[\\/]/).map(encodeURIComponent).join('/');
}
