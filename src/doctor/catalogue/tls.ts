import type { CheckGroup } from './entry.ts';

export const tls = {
  group: 'tls',
  about:
    'These, and the checks of the next two groups, test every address of the name. If addresses differ, the report names each observation with its addresses. An address that this machine has no route to is left out as long as there is another one. If no connection can be made, one check of the run reports why: webhook.reachable, without it tls.version, without that the first.',
  checks: [
    {
      id: 'tls.trusted',
      title: 'the certificate chain, as sent, leads to a root that Slack trusts',
      proves:
        'The chain that the server sends leads to one of the root certificates that ship with Node (those of Mozilla). NODE_EXTRA_CA_CERTS and the certificate store of the system do not count, since Slack does not have them.',
      causes: [
        'An intermediate certificate is missing: the server sends only its own. Browsers fetch the rest, Slack does not.',
        'The certificate is self-signed.',
        'The certificate comes from a private authority. If its root is not known here, this looks like a missing intermediate certificate.',
        'OpenSSL rejects the chain for another reason, such as a weak key; the report has its word.',
      ],
      advice:
        'Install a certificate from a public authority with its full chain, usually fullchain.pem. For a rehearsal with your own authority, pass --ca.',
      run: ['spacelift-slack doctor --only tls'],
    },
    {
      id: 'tls.hostname',
      title: 'the certificate is for this name',
      proves: 'The certificate covers the host that Slack calls.',
      causes: [
        'The load balancer has no certificate for this name and sends its default one.',
        'The certificate was issued for another name.',
      ],
      advice: 'Have a certificate issued for the host, or configure the server to select it by SNI.',
      run: ['spacelift-slack doctor --only tls'],
    },
    {
      id: 'tls.expiry',
      title: 'every certificate is valid for at least 14 more days',
      proves:
        'The certificate and the intermediate ones are valid now. It warns fourteen days before the first of them expires.',
      causes: [
        'The certificate was not renewed, or the server still uses the old one.',
        'An intermediate certificate expired; the report says so. In this case, renewing your own certificate does not help.',
        'The clock of this machine is wrong.',
      ],
      advice: 'Renew the certificate, install it with its full chain, and reload the server.',
      run: ['spacelift-slack doctor --only tls.expiry'],
    },
    {
      id: 'tls.version',
      title: 'the server speaks TLS 1.2 or later',
      proves: 'TLS 1.2 or 1.3 is available.',
      causes: [
        'Only older versions are enabled.',
        'Port 443 does not speak TLS.',
        'The server requires a client certificate (mutual TLS), which Slack has and doctor has not.',
      ],
      advice:
        'Enable TLS 1.2 and 1.3 with common ciphers. Behind mutual TLS, pass --skip tls,endpoint,signature.',
      run: ['spacelift-slack doctor --only tls.version'],
    },
  ],
} as const satisfies CheckGroup;
