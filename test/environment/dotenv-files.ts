/** Dotenv files as people write them: twenty, each with another habit. */
export const dotenvFiles: readonly string[] = [
  `# Spacelift
SERVER_DOMAIN=spacelift.example.com
DATABASE_URL="postgres://spacelift:p%40ss#word@db.internal:5432/spacelift?sslmode=require"

LICENSE_TOKEN=eyJhbGciOi.eyJzdWIi.c2ln
`,
  'SERVER_DOMAIN=spacelift.example.com\r\nADMIN_USERNAME=admin\r\n\r\n# Slack\r\nSLACK_SECRET=old\r\n',
  `export AWS_REGION=eu-west-1
export SLACK_APP_CLIENT_ID=1.2
export SLACK_SECRET='old # not a comment'
`,
  `TLS_KEY="-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC==
SLACK_SECRET=this is part of the key
-----END PRIVATE KEY-----"
SLACK_SECRET=old
`,
  'A=1\nB=2',
  '',
  '\n\n\n# nothing yet\n\n',
  `SLACK_SECRET=first
FOO=bar
SLACK_SECRET=second
SLACK_SECRET="third"
`,
  `GREETING='it''s'
NAME=O'Brien
OTHER="said \\"hi\\""
`,
  `  INDENTED = yes  # with blanks
\tTABBED=1
SLACK_APP_CLIENT_SECRET =    spaced    # keep me
`,
  '\ufeffFIRST=with a byte order mark\nSLACK_SECRET=x\n',
  `JSON={"a":1,"b":"#x"}
URL=https://example.com/#fragment
REGEX=^[a-z]+$
`,
  `yaml: like
SLACK_SECRET: old
other: 'quoted: too'
`,
  `# SLACK_SECRET=commented out
#SLACK_APP_CLIENT_ID=commented out
SLACK_SECRET=
`,
  `PROMPT=\`back "and" 'forth'\`
SLACK_SECRET=\`old\`
`,
  `this line means nothing
neither = does this one
export
SLACK_SECRET=x
`,
  `SLACK_SECRETS=plural
MY_SLACK_SECRET=mine
SLACK_SECRET_PREVIOUS=old
`,
  `PASSWORD=pa$$word\${HOME}
PATH_WIN=C:\\new\\tools
SLACK_SECRET="8f74$22{x}" # rotated in May
`,
  'UNICODE=grüße, 世界 ✓\nSLACK_APP_CLIENT_ID="1.2"\nEMOJI=🎉',
  `CERT='line one
line two'   # behind
LAST="unclosed
SLACK_APP_CLIENT_ID=1
`,
];
