/** Programs other than this one in the command lines of pages, and why the tests do not run them. */
export const otherPrograms: Readonly<Record<string, string>> = {
  aws: 'needs an AWS account',
  cat: 'shows a file for the reader',
  chmod: 'belongs to the machine of the reader',
  docker: 'needs a Docker daemon; the image is built by its own test',
  export: 'sets a variable of the shell around it',
  git: 'changes a repository of the reader',
  helm: 'needs a cluster',
  './install.sh': 'is the installer of Spacelift',
  grep: 'the test of the guides runs it, in their folder',
  kubectl: 'needs a cluster',
  npm: 'test/e2e/package.test.ts packs and installs',
  rm: 'removes a file of the reader',
  source: 'test/e2e/completion.test.ts runs the shells',
  sudo: 'changes the machine of the reader',
  terraform: 'needs an AWS account',
  umask: 'sets the mode of the shell around it',
};

/** Command lines of this program that the tests only parse, and why. */
export const onlyParsed: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/ --open\b/, 'opens a browser'],
  [/^spacelift-slack init(?! --no-input)/, 'prompts; test/e2e/init.test.ts runs it on a terminal'],
  [/ --dns 1\.1\.1\.1/, 'asks a public resolver'],
  [/ app (?:delete|update)\b(?!.* --yes)/, 'needs the confirmation of a person'],
  [/[A-Z][A-Z_-]*FILE|DATABASE_URL=|--store postgres:/, 'needs a file or database of the reader'],
  [/ serve (?:events|installations|keys)\b/, 'needs a store in use; test/commands/serve/ runs it'],
];
