import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { type ConnectTo, findUnused, parseConnectTo } from '../../net/connect-to.ts';
import { UserError } from '../../user-error.ts';

export const connectToOption = () =>
  new Option('--connect-to <rule>', 'connect to another address, as in curl: HOST:PORT:ADDR:PORT').argParser(
    collectRoute,
  );

/**
 * Rejects a rule that matches nothing: the report would claim a route that was not used.
 *
 * @throws UserError `connect-to-unused`
 */
export function requireUsed(rules: readonly ConnectTo[], hosts: readonly string[], port: number): void {
  const unused = findUnused(rules, hosts, port);
  if (!unused) return;
  const looked = hosts.map((host) => `${host}:${port}`).join(' and ');
  throw new UserError('connect-to-unused', `--connect-to ${unused.text} matches no host that is checked`, {
    hint: `Use a host and port that are checked: ${looked}. The first rule that matches counts.`,
    exitCode: 2,
  });
}

function collectRoute(text: string, earlier: readonly ConnectTo[] = []): readonly ConnectTo[] {
  const rule = parseConnectTo(text);
  if (!rule)
    throw new InvalidArgumentError(
      'Pass HOST:PORT:ADDR:PORT, such as spacelift.example.com:443:10.0.0.5:8443.',
    );
  return [...earlier, rule];
}
