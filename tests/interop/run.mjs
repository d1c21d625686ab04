// The `signet` command against the npm library `jose`, both ways, for every algorithm both know.
// Usage: node run.mjs PATH_TO_SIGNET. Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as jose from 'jose';

const signet = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'signet-interop-'));
let passed = 0, failed = 0;

const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const run = (args, input = '') => {
  const done = spawnSync(signet, args, { input });
  return { code: done.status, out: done.stdout, text: done.stdout.toString().trimEnd(), reason: done.stderr.toString().trim() };
};
const check = (name, condition, detail = '') => {
  if (condition) return void passed++;
  failed++;
  console.log(`FAILED ${name} ${detail}`);
};
const step = async (name, action) => {
  try { await action(); } catch (error) { check(name, false, String(error)); }
};

const algorithms = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA'];
const isMac = (alg) => alg.startsWith('HS');
// Node's Web Crypto cannot make or use secp256k1 keys, so that one is left to the library's own availability.
const payload = new TextEncoder().encode('a payload, not JSON: \u00e9\u{1f511}\n');
const now = Math.floor(Date.now() / 1000);
const claims = { iss: 'https://id.example.com', aud: ['https://orders.example.com', 'b'], sub: 'ann', iat: now, exp: now + 300,
  nested: { list: [1, 2.5, 'three', null, true] }, 'na\u00efve': 'caf\u00e9 \u{1f511}' };

for (const alg of algorithms) {
  await step(`${alg}: key made by signet, both directions`, async () => {
    const made = run(['key', 'generate', '--alg', alg, '--kid', 'k1']);
    check(`${alg} key generate`, made.code === 0, made.reason);
    const jwk = JSON.parse(made.text);
    const keyFile = file(`${alg}.json`, jwk);
    let theirs;
    try { theirs = await jose.importJWK(jwk, alg); } catch (error) {
      if (alg === 'ES256K') return;
      throw error;
    }
    const publicText = isMac(alg) ? made.text : run(['key', 'public'], made.text).text;
    const publicJwk = JSON.parse(publicText);
    const theirPublic = await jose.importJWK(publicJwk, alg);
    if (!isMac(alg)) {
      check(`${alg} key public has no private member`, !('d' in publicJwk));
      check(`${alg} thumbprint`, run(['key', 'thumbprint'], publicText).text === await jose.calculateJwkThumbprint(publicJwk));
    }

    const ours = run(['jws', 'sign', '--key', keyFile], payload);
    check(`${alg} jws sign`, ours.code === 0, ours.reason);
    const seen = await jose.compactVerify(ours.text, theirPublic, { algorithms: [alg, 'Ed25519'] });
    check(`${alg} jose reads our payload`, Buffer.compare(Buffer.from(seen.payload), Buffer.from(payload)) === 0);

    const token = await new jose.CompactSign(payload).setProtectedHeader({ alg, kid: 'k1' }).sign(theirs);
    const verified = run(['jws', 'verify', '--key', file(`${alg}.pub.json`, publicJwk)], token);
    check(`${alg} jws verify`, verified.code === 0 && Buffer.compare(verified.out, Buffer.from(payload)) === 0, verified.reason);
    const set = file(`${alg}.set.json`, { keys: [publicJwk] });
    check(`${alg} jws verify with a set`, run(['jws', 'verify', '--key', set], token).code === 0);
    const tampered = token.slice(0, -6) + (token.at(-6) === 'A' ? 'B' : 'A') + token.slice(-5);
    const refused = run(['jws', 'verify', '--key', set], tampered);
    check(`${alg} tampered is refused with 1`, refused.code === 1 && refused.out.length === 0 && refused.reason !== '', refused.reason);

    const jwt = run(['jwt', 'sign', '--key', keyFile, '--type', 'at+jwt'], JSON.stringify(claims));
    check(`${alg} jwt sign`, jwt.code === 0, jwt.reason);
    const read = await jose.jwtVerify(jwt.text, theirPublic,
      { issuer: claims.iss, audience: 'https://orders.example.com', typ: 'at+jwt', algorithms: [alg, 'Ed25519'] });
    check(`${alg} jose reads our claims`, JSON.stringify(read.payload) === JSON.stringify(claims));

    const theirJwt = await new jose.SignJWT(claims).setProtectedHeader({ alg, typ: 'at+jwt', kid: 'k1' }).sign(theirs);
    const accept = (...more) => run(['jwt', 'verify', '--keys', set, '--issuer', claims.iss, '--audience', 'b', '--type', 'at+jwt', ...more], theirJwt);
    const good = accept();
    check(`${alg} jwt verify`, good.code === 0 && JSON.stringify(JSON.parse(good.text)) === JSON.stringify(claims), good.reason);
    check(`${alg} jwt verify, expired`, accept('--now', String(now + 300)).code === 1);
    check(`${alg} jwt verify, leeway`, accept('--now', String(now + 300), '--leeway', '5').code === 0);
    check(`${alg} jwt verify, other audience`,
      run(['jwt', 'verify', '--keys', set, '--issuer', claims.iss, '--audience', 'c', '--type', 'at+jwt'], theirJwt).code === 1);
  });

  if (alg === 'ES256K') continue;
  await step(`${alg}: key made by jose`, async () => {
    let jwk, theirs;
    if (isMac(alg)) {
      theirs = await jose.generateSecret(alg, { extractable: true });
      jwk = await jose.exportJWK(theirs);
    } else {
      const pair = await jose.generateKeyPair(alg, { extractable: true });
      theirs = pair.privateKey;
      jwk = await jose.exportJWK(theirs);
    }
    jwk = { ...jwk, alg, kid: 'theirs' };
    const keyFile = file(`${alg}.theirs.json`, jwk);
    const token = await new jose.CompactSign(payload).setProtectedHeader({ alg }).sign(theirs);
    check(`${alg} their key verifies`, run(['jws', 'verify', '--key', keyFile], token).code === 0);
    const ours = run(['jws', 'sign', '--key', keyFile], payload);
    check(`${alg} their key signs`, ours.code === 0, ours.reason);
    check(`${alg} and is read back`, run(['jws', 'verify', '--key', keyFile], ours.text).code === 0);
  });
}

rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
