/**
 * What the changed code reads and writes: which change is on, how often it may be reached, and which changes were reached,
 * by the test that is named here, or by none of them (`static`).
 */
globalThis.__stryker__ ??= {};
export const switches = globalThis.__stryker__;
switches.mutantCoverage ??= { static: {}, perTest: {} };
