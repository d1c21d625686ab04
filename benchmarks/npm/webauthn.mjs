// The npm library SimpleWebAuthn at the jobs of benchmarks/webauthn.cpp, on the same octets; a process of its own, so
// compare figures, not ratios. Prints JSON in the form of benchmarks/harness.hpp. Usage: node webauthn.mjs
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { readFileSync } from 'node:fs';

async function measure(job) {
  const rounds = [];
  for (let round = 0; round < 31; round++) {
    const times = 100;
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) if (!(await job()).verified) throw new Error('a wrong result');
    rounds.push(Number(process.hrtime.bigint() - start) / times);
  }
  rounds.sort((a, b) => a - b);
  return { ns: rounds[15], fastest: rounds[0] };
}

const row = async (name, job) =>
  ({ name, against: name, series: name, x: 0, threads: 1, ...(await measure(job)), ratio: 1, allocations: null, target: '' });
const expected = ({ options, response }) => ({
  response, expectedChallenge: options.challenge, expectedOrigin: options.origins, expectedRPID: options.rp_id,
  requireUserVerification: options.user_verification === 'required',
});

const tables = [];
for (const [name, file] of [['ES256', '01-es256-discoverable'], ['RS256', '03-rs256'], ['Ed25519', '04-eddsa']]) {
  const { cases } = JSON.parse(readFileSync(new URL(`../../tests/vectors/passkeys/${file}.json`, import.meta.url)));
  const [registration, login] =
    ['registration', 'assertion'].map(which => cases.find(c => c.ceremony === which && c.expected === 'accept'));
  const register = () => verifyRegistrationResponse(expected(registration));
  const made = (await register()).registrationInfo.credential;
  const logIn = () => verifyAuthenticationResponse({ ...expected(login), credential: { ...made, counter: 0 } });
  tables.push({ title: `${name} passkey: registration`, axis: '', variants: [await row('npm SimpleWebAuthn', register)] },
    { title: `${name} passkey: login`, axis: '', variants: [await row('npm SimpleWebAuthn', logIn)] });
}
console.log(JSON.stringify({ suite: 'webauthn-npm', tables }));
