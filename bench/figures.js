// The figures that the text of docs/performance.md names, by their names there.

/** @returns {Readonly<Record<string, string>>} */
export function figures({ machine, minutes }) {
  const { cpu, cores, memoryGb, kernel, disk, node, programs } = machine;
  return {
    machine: `${cpu}, ${cores} cores, ${memoryGb} GB, Linux ${kernel}, ${disk} on the disk of the measurements`,
    versions: [
      `Node ${node}`,
      ...Object.entries(programs).map(([name, version]) => `${name} ${version}`),
    ].join(', '),
    minutes: String(minutes),
  };
}
