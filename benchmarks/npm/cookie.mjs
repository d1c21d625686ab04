// The npm library `cookie` at the jobs of benchmarks/cookies.cpp, on the same octets; a process of its own, so compare
// figures, not ratios. Prints JSON in the form of benchmarks/harness.hpp. Usage: node cookie.mjs
import { parse, serialize } from 'cookie';
import { measure, table } from './harness.mjs';

const id = 'k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q';
const header = (others) =>
  Array.from({ length: others }, (_, i) => `cookie-${i}=value-of-it-${i * 7919}; `).join('') + `__Host-sid=${id}`;

const measured = (job, expected) => measure(() => {
  const times = 20_000;
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) if (job() !== expected) throw new Error('a wrong result');
  return Number(process.hrtime.bigint() - start) / times;
});

const options = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' };
const line = serialize('__Host-sid', id, options);

const tables = [table('npm cookie: build and print a session cookie', 'npm cookie',
  await measured(() => serialize('__Host-sid', id, options), line))];
for (const count of [3, 10]) {
  const text = header(count - 1);
  tables.push(table(`npm cookie: find a cookie among ${count}`, 'npm cookie', await measured(() => parse(text)['__Host-sid'], id)));
}
console.log(JSON.stringify({ suite: 'cookies-npm', tables }));
