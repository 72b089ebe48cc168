import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { UserError } from '../user-error.ts';

/**
 * A dispatcher that uses the proxy in HTTPS_PROXY or HTTP_PROXY, except for the hosts in NO_PROXY.
 *
 * @throws UserError `proxy-invalid`
 */
export function proxyAgent(
  env: Readonly<Record<string, string | undefined>>,
  options: EnvHttpProxyAgent.Options = {},
): Dispatcher {
  const variable = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
  try {
    return new EnvHttpProxyAgent({
      ...options,
      httpProxy: variable('HTTP_PROXY'),
      httpsProxy: variable('HTTPS_PROXY'),
      noProxy: variable('NO_PROXY'),
    });
  } catch (cause) {
    throw new UserError('proxy-invalid', 'HTTPS_PROXY or HTTP_PROXY is not the address of a proxy', {
      hint: 'Set it to http://host:port, or unset it.',
      exitCode: 2,
      cause,
    });
  }
}
