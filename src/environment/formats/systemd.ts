import { isAbsolute } from 'node:path';
import { variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';

/** In double quotes systemd removes a backslash before these four. Source: systemd.exec(5), EnvironmentFile=. */
const escaped = /["\\`$]/g;

/** A path in a unit: quotes would be part of it, `%` begins a specifier and `*` a wildcard. Source: the same page. */
const unitPath = (file: string) => file.replace(/[*?[\\]/g, '\\$&').replaceAll('%', '%%');

export const systemd: DeploymentFormat = {
  name: 'systemd',
  summary: "a file for systemd's EnvironmentFile=",
  holdsValues: true,
  render: (credentials) =>
    Object.entries(variablesOf(credentials))
      .map(([key, value]) => `${key}="${value.replace(escaped, '\\$&')}"\n`)
      .join(''),
  takeEffect: (file) => [
    '# Add this line to each unit, and replace the names of the units by yours:',
    // systemd ignores a path that is not absolute.
    `# EnvironmentFile=${isAbsolute(file) ? '' : '/path/to/'}${unitPath(file)}`,
    'sudo systemctl daemon-reload',
    'sudo systemctl restart spacelift-server spacelift-drain spacelift-scheduler',
  ],
};
