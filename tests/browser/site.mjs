// SPDX-License-Identifier: BSL-1.0
// The demo site as a process, browsers that trust its certificate, and what they are asked in the tests.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export const folder = mkdtempSync(join(tmpdir(), 'signet-browser-'))
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const host = 'shop.signet.test'
// Seconds that a bound cookie lives in the stories about its end, and for how long the server takes it beyond that.
export const lifetime = 4, latency = 2

const port = await new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
export const origin = `https://${host}:${port}`
export const url = path => origin + path
export const sleep = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds))

let server, spki
export async function startServer(program, cookieLife) {
  server = spawn(program, ['--port', String(port), '--origin', origin, '--data', join(folder, 'data'), '--cookie-lifetime', String(cookieLife),
    '--admin-password', 'only for this test'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  await new Promise((resolve, reject) => {
    server.on('exit', code => reject(new Error(`the site ended with ${code}: ${said}`)))
    server.stdout.on('data', data => (said += data).includes('Ctrl-C') && resolve())
  })
  spki = /spki-list=(\S+)/.exec(said)[1]
}
export const killServer = signal => new Promise(resolve => {
  server.removeAllListeners('exit')
  server.on('exit', (code, by) => resolve(by ?? code))
  server.kill(signal)
})

// A request by no browser, with whatever fields and body: the status.
export const raw = (method, path, headers, body = '') => new Promise((resolve, reject) => {
  https.request({ host: '127.0.0.1', port, method, path, headers: { Host: new URL(origin).host, 'Content-Length': Buffer.byteLength(body), ...headers }, rejectUnauthorized: false }, answer => {
    answer.resume()
    answer.on('end', () => resolve(answer.statusCode))
  }).on('error', reject).end(body)
})

const open = new Set()
export async function browser(profile, { bound = true } = {}) {
  const context = await chromium.launchPersistentContext(join(folder, profile), {
    executablePath: chromiumPath, headless: true, viewport: { width: 1100, height: 760 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP *.signet.test 127.0.0.1', `--ignore-certificate-errors-spki-list=${spki}`,
      bound ? '--enable-features=DeviceBoundSessions:RefreshQuota/false,EnableBoundSessionCredentialsSoftwareKeysForManualTesting' : '--disable-features=DeviceBoundSessions'],
  })
  open.add(context)
  context.on('close', () => open.delete(context))
  const page = context.pages()[0] ?? await context.newPage()
  const made = new Browser(context, page)
  if (bound) await made.watch()
  return made
}

export async function cleanUp() {
  for (const context of open) await context.close().catch(() => {})
  if (server && server.exitCode === null) await killServer('SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

class Browser {
  violations = [] // of the pages' Content-Security-Policy, and what their scripts threw
  ended = []      // why the browser forgot bound sessions, in Chromium's words
  constructor(context, page) {
    this.context = context
    this.page = page
    page.on('console', m => /Content.Security.Policy/i.test(m.text()) && this.violations.push(m.text()))
    page.on('pageerror', e => this.violations.push(e.message))
  }
  async watch() {
    const devtools = await this.context.newCDPSession(this.page)
    await devtools.send('Network.enable')
    devtools.on('Network.deviceBoundSessionEventOccurred', e => e.terminationEventDetails && this.ended.push(e.terminationEventDetails.deletionReason))
    await devtools.send('Network.enableDeviceBoundSessions', { enable: true })
  }
  // A page may be about to load another one by itself, as the wire's page does when its cookie is over. Where that one
  // arrives first, the browser has dropped ours.
  async go(path) {
    for (let tries = 1; ; ++tries) {
      try {
        return await this.page.goto(url(path))
      } catch (e) {
        if (tries === 5 || !/interrupted by another navigation|net::ERR_ABORTED/.test(e.message)) throw e
        await this.page.waitForLoadState()
      }
    }
  }
  close = () => this.context.close()
  async submit(form, fields, keep = false) {
    for (const [name, text] of Object.entries(fields)) await this.page.fill(`form[action="${form}"] input[name=${name}]`, text)
    if (keep) await this.page.check(`form[action="${form}"] input[name=keep]`)
    await Promise.all([this.page.waitForURL('**/account', { timeout: 10_000 }), this.page.click(`form[action="${form}"] button`)])
  }
  async signUp(user, password, keep = true) {
    await this.go('/')
    await this.submit('/signup', { user, password }, keep)
  }
  async logIn(user, password, keep = true) {
    await this.go('/')
    await this.submit('/login', { user, password }, keep)
  }
  // A request by a script of the page: what a site's own code would see.
  fetch = (path, options = {}) => this.page.evaluate(async ([path, options]) => {
    const answer = await fetch(path, { headers: { Accept: 'application/json' }, ...options })
    return { status: answer.status, body: await answer.text() }
  }, [path, options])
  binding = async () => JSON.parse((await this.fetch('/binding')).body || '{}')
  async until(what, holds, patience = 10) {
    for (const end = Date.now() + 1000 * patience; Date.now() < end; await sleep(0.1)) {
      const value = await what().catch(() => undefined)
      if (value !== undefined && holds(value)) return value
    }
    return undefined
  }
  bound = () => this.until(this.binding, b => b.dbsc)
  cookies = async () => Object.fromEntries((await this.context.cookies(origin)).map(c => [c.name, c]))
  jar = async () => (await this.context.cookies(origin)).map(c => `${c.name}=${c.value}`).join('; ')
  loseBoundCookie = () => this.context.clearCookies({ name: '__Host-bound' })
  events = async () => JSON.parse((await this.fetch('/wire/events')).body)
  refreshes = async () => (await this.events()).filter(e => e.line.startsWith('POST /dbsc/refresh') && e.outcome.startsWith('proved')).length
  clear = selector => this.page.evaluate(selector => document.querySelector(selector).textContent = '', selector)
  text = selector => this.page.textContent(selector)
  // What the page says after the button was pressed. (Not waitForFunction: the pages' policy forbids to evaluate strings.)
  async result(button, pattern) {
    await this.page.click(button)
    return await this.says('#result', pattern) ?? this.text('#result')
  }
  says = (selector, pattern) => this.until(() => this.text(selector), text => pattern.test(text))
  at = path => this.page.waitForURL(u => u.pathname === path, { timeout: 10_000 })
}
