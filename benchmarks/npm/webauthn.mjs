// The npm library SimpleWebAuthn at the jobs of benchmarks/webauthn.cpp, on the same octets; a process of its own, so
// compare figures, not ratios. Prints JSON in the form of benchmarks/harness.hpp. Usage: node webauthn.mjs
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { readFileSync } from 'node:fs';
import { measure, table } from './harness.mjs';

const measured = job => measure(async () => {
  const times = 100;
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) if (!(await job()).verified) throw new Error('a wrong result');
  return Number(process.hrtime.bigint() - start) / times;
});
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
  tables.push(table(`${name} passkey: registration`, 'npm SimpleWebAuthn', await measured(register)),
    table(`${name} passkey: login`, 'npm SimpleWebAuthn', await measured(logIn)));
}
console.log(JSON.stringify({ suite: 'webauthn-npm', tables }));
