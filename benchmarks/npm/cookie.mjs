// The npm library `cookie` at the jobs of benchmarks/cookies.cpp, on the same octets; a process of its own, so compare
// figures, not ratios. Prints JSON in the form of benchmarks/harness.hpp. Usage: node cookie.mjs
import { parse, serialize } from 'cookie';

const id = 'k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q';
const header = (others) =>
  Array.from({ length: others }, (_, i) => `cookie-${i}=value-of-it-${i * 7919}; `).join('') + `__Host-sid=${id}`;

function measure(job, expected) {
  const rounds = [];
  for (let round = 0; round < 31; round++) {
    const times = 20_000;
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) if (job() !== expected) throw new Error('a wrong result');
    rounds.push(Number(process.hrtime.bigint() - start) / times);
  }
  rounds.sort((a, b) => a - b);
  return { ns: rounds[15], fastest: rounds[0] };
}

const row = (name, job, expected) =>
  ({ name, against: name, series: name, x: 0, threads: 1, ...measure(job, expected), ratio: 1, allocations: null, target: '' });
const table = (title, ...variants) => ({ title, axis: '', variants });
const options = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' };
const line = serialize('__Host-sid', id, options);

console.log(JSON.stringify({
  suite: 'cookies-npm',
  tables: [
    table('npm cookie: build and print a session cookie', row('npm cookie', () => serialize('__Host-sid', id, options), line)),
    ...[3, 10].map((count) => {
      const text = header(count - 1);
      return table(`npm cookie: find a cookie among ${count}`, row('npm cookie', () => parse(text)['__Host-sid'], id));
    }),
  ],
}));
