import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { type ConnectTo, findUnused, parseConnectTo } from '../../net/connect-to.ts';
import { UserError } from '../../user-error.ts';

export const connectToOption = () =>
  new Option(
    '--connect-to <rule>',
    'HOST:PORT:ADDR:PORT, as in curl: connect elsewhere than DNS says',
  ).argParser(collectRoute);

/**
 * Refuses a rule that does nothing: the result would claim a route that was not taken.
 *
 * @throws UserError `connect-to-unused`
 */
export function requireUsed(rules: readonly ConnectTo[], hosts: readonly string[], port: number): void {
  const unused = findUnused(rules, hosts, port);
  if (!unused) return;
  const looked = hosts.map((host) => `${host}:${port}`).join(' and ');
  throw new UserError('connect-to-unused', `--connect-to ${unused.text} leads nothing elsewhere`, {
    hint: `What is looked at is ${looked}; of several rules the first that fits counts.`,
    exitCode: 2,
  });
}

function collectRoute(text: string, earlier: readonly ConnectTo[] = []): readonly ConnectTo[] {
  const rule = parseConnectTo(text);
  if (!rule)
    throw new InvalidArgumentError(
      'Give HOST:PORT:ADDR:PORT, such as spacelift.example.com:443:10.0.0.5:8443.',
    );
  return [...earlier, rule];
}
