// What the tests of OpenID Connect share: one throw-away certificate, a browser of cookies and
// redirections, and the count of checks.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = mkdtempSync(join(tmpdir(), 'signet-oidc-'));
const running = [];
process.on('exit', () => {
  for (const one of running) one.kill();
  rmSync(folder, { recursive: true });
});
let passed = 0, failed = 0;

export const check = (name, condition, detail = '') => {
  if (condition) return void passed++;
  failed++;
  console.log(`FAILED ${name} ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
};

// --- the network: one throw-away certificate, and names that are all this machine

const hosts = ['localhost', 'id.localhost', 'shop.localhost', 'news.localhost'];
export const certificate = (name) => {
  const [key, crt] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`)}`, '-keyout', key, '-out', crt]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  writeFileSync(join(folder, `${name}.pem`), readFileSync(crt, 'utf8') + readFileSync(key, 'utf8'));
  return { crt, pem: join(folder, `${name}.pem`), key: readFileSync(key), cert: readFileSync(crt) };
};
export const tls = certificate('tls');
export const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
export const freePort = async () => {
  const server = net.createServer(), port = await listening(server);
  return new Promise((done) => server.close(() => done(port)));
};
export const lookup = (_, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
export const request = (url, { method = 'GET', headers = {}, body } = {}) => new Promise((resolve, reject) => {
  const sent = https.request(url, { method, headers: Object.fromEntries(new Headers(headers)), ca: tls.cert, lookup, agent: false }, async (got) => {
    let text = '';
    for await (const part of got) text += part;
    const fields = new Headers();
    for (let i = 0; i < got.rawHeaders.length; i += 2) fields.append(got.rawHeaders[i], got.rawHeaders[i + 1]);
    resolve(new Response(got.statusCode === 204 ? null : text, { status: got.statusCode, headers: fields }));
  });
  sent.on('error', reject);
  sent.end(body === undefined ? undefined : String(body));
});

// A browser: cookies by host and path, redirections; `seen` has every URL that it was sent to.
export class Browser {
  jar = new Map();
  seen = [];
  async go(url, { form, stop = () => false } = {}) {
    this.seen = [];
    for (let i = 0; i < 20; ++i) {
      this.seen.push(url);
      if (stop(url)) return { url };
      const { hostname, pathname } = new URL(url);
      const cookies = [...this.jar.values()].filter((one) => one.host === hostname && pathname.startsWith(one.path));
      const headers = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), 'user-agent': 'interop' };
      if (form) headers['content-type'] = 'application/x-www-form-urlencoded', headers.origin = this.origin ?? new URL(url).origin;
      const got = await request(url, { method: form ? 'POST' : 'GET', headers, body: form && new URLSearchParams(form) });
      for (const line of got.headers.getSetCookie()) this.keep(hostname, line);
      const next = got.headers.get('location');
      if (!next) return { url, status: got.status, text: await got.text() };
      [url, form] = [new URL(next, url).href, undefined];
    }
    throw new Error(`too many redirections: ${url}`);
  }
  keep(host, line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line), path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/';
    const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
    if (/;\s*max-age=0/i.test(line) || (expires && Date.parse(expires) < Date.now())) return void this.jar.delete(`${host} ${path} ${name}`);
    this.jar.set(`${host} ${path} ${name}`, { host, path, name, value, line });
  }
  cookie(host, name) { return this.jar.get(`${new URL(host).hostname} / ${name}`); }
  forget(host) { for (const [id, one] of this.jar) if (one.host === new URL(host).hostname) this.jar.delete(id); }
}

// Starts a program that prints a line when it is ready.
export const run = (program, ...words) => new Promise((done) => {
  const one = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(one);
  one.log = '';
  one.stdout.once('data', () => done(one));
  one.stderr.on('data', (text) => { one.log += text; });
  one.on('exit', () => done(one));
});

export const tell = async (stories, end) => {
  setTimeout(() => { console.log('FAILED: no end after two minutes'); process.exit(1); }, 120_000).unref();
  for (const [name, story] of Object.entries(stories)) {
    try { await story(); } catch (error) { check(name, false, String(error.stack)); }
  }
  await end();
  if (failed) for (const one of running) console.log(one.log);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};
