// Repeats each test, with another change switched on each time, and logs whether the test fails.
import { readFileSync } from 'node:fs';
import { TestRunner } from 'vitest';
import { addToLog, readLog } from './log.js';
import { switches } from './switches.js';
import { kill, startWatch, stopWatch } from './watch.js';

const log = process.env.MUTATION_LOG;
/** By test: the changes that it reaches, and how often. */
const plan = JSON.parse(readFileSync(process.env.MUTATION_PLAN, 'utf8'));
const noticed = new Set();
const tried = new Set();
for (const { change, test, isNoticed } of readLog(log)) {
  if (isNoticed) noticed.add(change);
  tried.add(`${change} ${test}`);
}

export default class ChangedRunner extends TestRunner {
  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    const { reaches = {} } = plan[test.id] ?? {};
    this.waiting = Object.keys(reaches).filter((id) => !noticed.has(id) && !tried.has(`${id} ${test.id}`));
    if (this.waiting.length === 0) test.mode = 'skip';
    // Once without a change first, and again after each change that the test notices.
    test.repeats = 2 * this.waiting.length;
    this.mustPass = true;
  }

  onBeforeTryTask(test) {
    super.onBeforeTryTask(test);
    const { reaches, duration } = plan[test.id];
    this.change = this.mustPass ? undefined : this.waiting.shift();
    if (this.change !== undefined) {
      addToLog(log, { starts: this.change, test: test.id });
      switches.hitCount = 0;
      switches.hitLimit = 10_000 + 100 * reaches[this.change];
      switches.activeMutant = this.change;
    }
    startWatch(10_000 + 10 * duration);
  }

  async runTask(test) {
    if (this.mustPass || this.change !== undefined) await TestRunner.getTestFn(test)();
  }

  onAfterTryTask(test) {
    if (this.mustPass || this.change !== undefined) super.onAfterTryTask(test);
  }

  onAfterRetryTask(test) {
    stopWatch();
    const isLoop = switches.hitCount > switches.hitLimit;
    const isNoticed = test.result.state === 'fail' || isLoop;
    switches.activeMutant = undefined;
    switches.hitCount = undefined;
    if (this.change !== undefined) {
      addToLog(log, { change: this.change, test: test.id, isNoticed, isLoop });
      if (isNoticed) noticed.add(this.change);
    }
    // A change has left something behind. In a new process it has not.
    else if (isNoticed) kill();
    this.mustPass = this.change !== undefined && isNoticed;
    test.result.errors = undefined;
    test.result.state = 'run';
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    test.result.state = 'pass';
  }

  onAfterRunFiles(files) {
    super.onAfterRunFiles();
    for (const { name } of files) addToLog(log, { done: name });
  }
}
