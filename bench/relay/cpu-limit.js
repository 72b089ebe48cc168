// @ts-check
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In microseconds, as Kubernetes and systemd have it. */
const period = 100_000;

/** @returns {string | undefined} the folder of control groups for the CPU, if this process may create one there */
export function findCpuGroups() {
  // Version 1, then version 2.
  return ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'].find((folder) => {
    const group = join(folder, `spacelift-slack-${process.pid}-probe`);
    try {
      mkdirSync(group);
      const isForCpu = ['cpu.cfs_quota_us', 'cpu.max'].some((file) => existsSync(join(group, file)));
      rmdirSync(group);
      return isForCpu;
    } catch {
      return false;
    }
  });
}

/**
 * Limits the CPU time of a process, with a control group of its own.
 *
 * @param {number} pid
 * @param {number} share of one core, such as 0.05
 * @returns {() => void} removes the control group; the process must have ended
 */
export function limitCpu(pid, share) {
  const folder = findCpuGroups();
  if (folder === undefined) throw new Error('control groups for the CPU need Linux and root');
  const group = join(folder, `spacelift-slack-${pid}`);
  mkdirSync(group);
  const quota = Math.round(share * period);
  if (existsSync(join(group, 'cpu.max'))) writeFileSync(join(group, 'cpu.max'), `${quota} ${period}`);
  else writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota));
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  return () => rmdirSync(group);
}
