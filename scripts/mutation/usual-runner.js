// Runs each test three times without a change, and logs which changes it reaches.
import { TestRunner } from 'vitest';
import { addToLog } from './log.js';
import { switches } from './switches.js';

const log = process.env.MUTATION_LOG;

export default class UsualRunner extends TestRunner {
  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    test.repeats = 2;
    switches.mutantCoverage.perTest = {};
    this.isRepeatable = true;
  }

  onBeforeTryTask(test, { repeats }) {
    super.onBeforeTryTask(test);
    // What only the first run reaches takes effect once in a process, such as a value that is kept from then on.
    switches.currentTestId = repeats === 0 ? 'first' : 'again';
    this.start = performance.now();
  }

  onAfterRetryTask(test, { repeats }) {
    switches.currentTestId = undefined;
    this.duration = performance.now() - this.start;
    if (repeats > 0 && test.result.state === 'fail' && this.passedFirst) {
      this.isRepeatable = false;
      test.result.errors = undefined;
      test.result.state = 'run';
    }
    if (repeats === 0) this.passedFirst = test.result.state !== 'fail';
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    const { first = {}, again = {} } = switches.mutantCoverage.perTest;
    addToLog(log, {
      test: test.id,
      name: test.name,
      file: test.file.name,
      isRepeatable: this.isRepeatable,
      duration: this.duration,
      reaches: again,
      reachesOnce: Object.keys(first).filter((id) => !(id in again)),
    });
  }

  onAfterRunFiles() {
    super.onAfterRunFiles();
    addToLog(log, { reachedByLoading: Object.keys(switches.mutantCoverage.static) });
  }
}
