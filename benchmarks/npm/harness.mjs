// Tables in the form of benchmarks/harness.hpp, for what runs under Node.

// The median of 31 rounds, and the fastest: `round` returns how many nanoseconds one call took.
export async function measure(round) {
  const all = [];
  for (let i = 0; i < 31; i++) all.push(await round());
  all.sort((a, b) => a - b);
  return { ns: all[15], fastest: all[0] };
}

// A table with one variant.
export const table = (title, name, measured) => ({
  title, axis: '',
  variants: [{ name, against: name, series: name, x: 0, threads: 1, ...measured, ratio: 1, allocations: null, target: '' }],
});
