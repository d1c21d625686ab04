// SPDX-License-Identifier: BSL-1.0
// Serves the lines that signet writes over TLS to Chromium, to curl and to tough-cookie, and compares what each stores,
// attribute by attribute, with what the policy says; what they send back goes through signet's reader.
// usage: node run.mjs EMIT READ        ends in "N passed, N failed"
import { execFileSync, spawn } from 'node:child_process'
import { X509Certificate, createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'

const [emit, read] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'signet-consumers-'))
const host = 'app.signet.test'
const now = Math.floor(Date.now() / 1000)
let passed = 0, failed = 0

function check(what, good, seen) {
  if (good) passed++
  else failed++, console.log(`FAILED ${what}: ${JSON.stringify(seen)}`)
}

const policies = JSON.parse(execFileSync(emit, [String(now)], { encoding: 'utf8' }))
const lines = Object.fromEntries(policies.map(p => [p.name, p]))

// What signet refuses to build, and who must refuse to store it too (RULES 2.1).
const refused = [
  ['__Host- with a path', '__Host-r1=1; Path=/app; Secure', ['chromium', 'curl', 'tough']],
  ['__Host- with a domain', '__Host-r2=1; Path=/; Secure; Domain=signet.test', ['chromium', 'curl', 'tough']],
  ['__Host- without Secure', '__Host-r3=1; Path=/', ['chromium', 'curl', 'tough']],
  ['__Secure- without Secure', '__Secure-r4=1; Path=/', ['chromium', 'curl', 'tough']],
  ['SameSite=None without Secure', 'r5=1; Path=/; SameSite=None', ['chromium']],
  ['Partitioned without Secure', 'r6=1; Path=/; Partitioned', ['chromium']],
  ['more than 4096 octets', `r7=${'x'.repeat(4095)}; Path=/; Secure`, ['chromium']],
  ['a control character', 'r8=a\x01b; Path=/; Secure', ['chromium', 'curl']],
  ['another host\'s domain', 'r9=1; Path=/; Secure; Domain=other.test', ['chromium', 'curl', 'tough']],
  ['a prefix in another case', '__host-r10=1; Path=/app', ['chromium']],
  ['a nameless prefix', '=__Host-r11=1; Path=/app', ['chromium']],
]
// A good line among the bad ones: it shows that the answer with them was read at all.
const witness = 'witness=1; Path=/; Secure'
const nameOf = line => line.slice(0, line.indexOf('='))

// --- the server, which writes its answers as they are ---

execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${host}`,
  '-addext', `subjectAltName=DNS:${host}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' })
const cert = readFileSync(join(folder, 'cert.pem'))
const spki = createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64')

const server = tls.createServer({ key: readFileSync(join(folder, 'key.pem')), cert, ALPNProtocols: ['http/1.1'] }, socket => {
  let head = ''
  socket.on('error', () => {})
  socket.on('data', data => {
    head += data.toString('latin1')
    if (!head.includes('\r\n\r\n')) return
    const path = head.split(' ')[1]
    const cookie = /^cookie: (.*)$/im.exec(head.replaceAll('\r', ''))?.[1] ?? ''
    const set = path === '/set' ? policies.map(p => p.set) : path === '/remove' ? policies.map(p => p.remove) :
      path === '/refused' ? [...refused.map(r => r[1]), witness] : []
    const body = path.endsWith('/echo') ? cookie : 'ok'
    socket.end(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nConnection: close\r\n` +
      `Content-Length: ${body.length}\r\n${set.map(line => `Set-Cookie: ${line}\r\n`).join('')}\r\n${body}`, 'latin1'))
  })
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const port = server.address().port
const url = path => `https://${host}:${port}${path}`

// --- what came back ---

function sentBack(who, fields, stored) {
  const answers = execFileSync(read, { input: fields.map(f => f + '\n').join(''), encoding: 'utf8' }).trim().split('\n').map(l => JSON.parse(l))
  const all = Object.assign({}, ...answers.map(a => a.cookies))
  check(`${who}: everything it sends is well-formed`, answers.every(a => a.malformed === 0 && a.nameless === 0), answers)
  for (const p of policies) if (stored(p)) check(`${who}: ${p.name} comes back through the reader`, all[p.name] === p.value, all[p.name])
}

const age = (p, expires) => p.maxAge === null ? expires <= 0 : Math.abs(expires - now - p.maxAge) < 60

// --- Chromium ---

async function chromium() {
  const { chromium } = await import('playwright-core')
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
  if (!path) return console.log('no Chromium here')
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: path, headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', `--host-resolver-rules=MAP *.signet.test 127.0.0.1`, `--ignore-certificate-errors-spki-list=${spki}`],
  })
  try {
    const page = context.pages()[0] ?? await context.newPage()
    const cdp = await context.newCDPSession(page)
    const jar = async () => (await cdp.send('Network.getCookies', { urls: [url('/'), url('/app/')] })).cookies
    await page.goto(url('/set'))
    const stored = Object.fromEntries((await jar()).map(c => [c.name, c]))
    for (const p of policies) {
      const c = stored[p.name]
      check(`Chromium stores ${p.name}`, c !== undefined, Object.keys(stored))
      if (!c) continue
      check(`Chromium: value of ${p.name}`, c.value === p.value, c.value)
      check(`Chromium: HttpOnly of ${p.name}`, c.httpOnly === p.httpOnly, c)
      check(`Chromium: Secure of ${p.name}`, c.secure === p.secure, c)
      check(`Chromium: SameSite of ${p.name}`, c.sameSite === p.sameSite, c)
      check(`Chromium: Path of ${p.name}`, c.path === p.path, c)
      check(`Chromium: Domain of ${p.name}`, c.domain === (p.domain ? `.${p.domain}` : host), c)
      check(`Chromium: lifetime of ${p.name}`, c.session === (p.maxAge === null) && age(p, c.session ? 0 : c.expires), c)
      check(`Chromium: Partitioned of ${p.name}`, (c.partitionKey !== undefined) === p.partitioned, c)
    }
    const visible = await page.evaluate(() => document.cookie)
    for (const p of policies)
      if (p.path === '/') check(`Chromium: scripts see ${p.name} only if they may`, visible.split('; ').some(c => c.startsWith(p.name + '=')) === !p.httpOnly, visible)
    const echo = async path => (await page.goto(url(path))).text()
    sentBack('Chromium', [await echo('/echo'), await echo('/app/echo')], () => true)
    await page.goto(url('/refused'))
    const after = await jar()
    check('Chromium read the answer with bad lines', after.some(c => c.name === 'witness'), after)
    for (const [what, line, who] of refused)
      if (who.includes('chromium')) check(`Chromium refuses ${what}`, !after.some(c => c.name === nameOf(line) || c.value.startsWith('__Host-')), after)
    await page.goto(url('/remove'))
    const left = (await jar()).map(c => c.name).filter(n => lines[n])
    check('Chromium: each removal line removes', left.length === 0, left)
  } finally {
    await context.close()
  }
}

// --- curl ---

const jarFile = join(folder, 'jar')

function curl(cookies, ...paths) {
  return new Promise((resolve, reject) => {
    const child = spawn('curl', ['-sS', '--noproxy', '*', '--cacert', join(folder, 'cert.pem'), '--resolve', `${host}:${port}:127.0.0.1`, ...cookies, ...paths.map(url)])
    let out = ''
    child.stdout.on('data', d => out += d.toString('latin1'))
    child.stderr.on('data', d => console.log(`curl: ${d}`))
    child.on('error', reject)
    child.on('close', code => code === 0 ? resolve(out) : reject(new Error(`curl ended with ${code}`)))
  })
}

function curlJar() {
  return readFileSync(join(folder, 'jar'), 'latin1').split('\n').filter(l => l && (!l.startsWith('#') || l.startsWith('#HttpOnly_'))).map(line => {
    const httpOnly = line.startsWith('#HttpOnly_')
    const [domain, tail, path, secure, expires, name, value = ''] = line.slice(httpOnly ? 10 : 0).split('\t')
    return { httpOnly, domain, tail: tail === 'TRUE', path, secure: secure === 'TRUE', expires: Number(expires), name, value }
  })
}

async function curlEngine() {
  await curl(['-b', jarFile, '-c', jarFile], '/set')
  const stored = Object.fromEntries(curlJar().map(c => [c.name, c]))
  for (const p of policies) {
    const c = stored[p.name]
    check(`curl stores ${p.name}`, c !== undefined, Object.keys(stored))
    if (!c) continue
    check(`curl: value of ${p.name}`, c.value === p.value, c.value)
    check(`curl: HttpOnly, Secure and Path of ${p.name}`, c.httpOnly === p.httpOnly && c.secure === p.secure && c.path === p.path, c)
    check(`curl: Domain of ${p.name}`, p.domain ? c.tail && c.domain === `.${p.domain}` : !c.tail && c.domain === host, c)
    check(`curl: lifetime of ${p.name}`, age(p, c.expires), c)
  }
  // curl sends at most 8190 octets of cookies, and drops what is beyond.
  sentBack('curl', [await curl(['-b', jarFile, '-c', jarFile], '/echo'), await curl(['-b', jarFile, '-c', jarFile], '/app/echo')], () => true)
  await curl(['-b', jarFile, '-c', jarFile], '/refused')
  const after = curlJar()
  check('curl read the answer with bad lines', after.some(c => c.name === 'witness'), after)
  for (const [what, line, who] of refused) if (who.includes('curl')) check(`curl refuses ${what}`, !after.some(c => c.name === nameOf(line)), after)
  // In one process without a file: curl reads the file again for each URL, and does not write it when no cookie is left.
  const left = await curl(['-b', ''], '/set', '/refused', '/remove', '/echo', '/app/echo')
  check('curl: each removal line removes', left.includes('witness=1') && !policies.some(p => left.includes(`${p.name}=`)), left)
}

// --- tough-cookie ---

async function tough() {
  const { CookieJar } = await import('tough-cookie')
  const jar = new CookieJar(undefined, { prefixSecurity: 'strict' })
  const stored = {}
  for (const p of policies) {
    const at = url(p.path === '/' ? '/set' : `${p.path}/set`)
    const c = stored[p.name] = await jar.setCookie(p.set, at).catch(e => ({ refused: e.message }))
    check(`tough-cookie stores ${p.name}`, c && !c.refused && c.key === p.name, c)
    if (!c || c.refused) continue
    check(`tough-cookie: value of ${p.name}`, c.value === p.value, c.value)
    check(`tough-cookie: attributes of ${p.name}`, c.httpOnly === p.httpOnly && c.secure === p.secure && c.path === p.path && c.sameSite === p.sameSite.toLowerCase(), c)
    check(`tough-cookie: Domain of ${p.name}`, p.domain ? c.domain === p.domain && !c.hostOnly : c.domain === host && c.hostOnly, c)
    check(`tough-cookie: lifetime of ${p.name}`, c.maxAge === p.maxAge, c)
    check(`tough-cookie: Partitioned of ${p.name}`, Boolean(c.extensions?.some(e => e.toLowerCase() === 'partitioned')) === p.partitioned, c.extensions)
  }
  sentBack('tough-cookie', [await jar.getCookieString(url('/echo')), await jar.getCookieString(url('/app/echo'))], () => true)
  for (const [what, line, who] of refused)
    if (who.includes('tough')) {
      await jar.setCookie(line, url('/refused')).catch(() => {})
      check(`tough-cookie refuses ${what}`, !(await jar.getCookies(url('/app/'))).some(c => c.key === nameOf(line)), line)
    }
  for (const p of policies) await jar.setCookie(p.remove, url(p.path === '/' ? '/x' : `${p.path}/x`)).catch(e => check(`tough-cookie takes the removal of ${p.name}`, false, e.message))
  const left = (await jar.getCookies(url('/app/'))).map(c => c.key).filter(n => lines[n])
  check('tough-cookie: each removal line removes', left.length === 0, left)
}

for (const [name, consumer] of [['tough-cookie', tough], ['curl', curlEngine], ['Chromium', chromium]]) {
  try {
    await consumer()
  } catch (e) {
    check(`${name} can be run`, false, e.message)
  }
}
server.close()
rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed || !passed ? 1 : 0)
