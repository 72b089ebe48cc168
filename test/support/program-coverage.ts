/** What makes a program write the coverage of its code, where `npm run coverage:all` asks for it: part of its environment. */
export const coverageEnvironment: Readonly<Record<string, string>> =
  process.env['PROGRAM_COVERAGE'] === undefined ? {} : { NODE_V8_COVERAGE: process.env['PROGRAM_COVERAGE'] };
