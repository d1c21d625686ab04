// SPDX-License-Identifier: BSL-1.0
// The demo site in Chromium: what users, thieves and administrators do, seen from the browser.
// usage: node run.mjs DEMO SCREENSHOTS        ends in "N passed, N failed"
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { administrator, adminStories } from './admin.mjs'
import { passkeyStories } from './passkeys.mjs'
import { browser, chromiumPath, cleanUp, killServer, latency, lifetime, origin, raw, sleep, startServer, url } from './site.mjs'

const [program, pictures] = process.argv.slice(2)
if (!chromiumPath) {
  console.log('skipped: no Chromium here (./dev installs it)')
  process.exit(77)
}
mkdirSync(pictures, { recursive: true })
let passed = 0, failed = 0
function check(what, good, seen) {
  if (good) passed++, console.log(`ok      ${what}`)
  else failed++, console.log(`FAILED  ${what}: ${JSON.stringify(seen)}`)
}
const picture = (who, name) => who.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
const dead = status => status === 401 || status === 403
const began = Date.now()

let anna // the owner, all the way through

const stories = {
  async 'login'() {
    anna = await browser('anna')
    await anna.go('/')
    await picture(anna, 'login')
    await anna.submit('/signup', { user: 'anna', password: 'correct horse' }, true)
    const binding = await anna.bound()
    check('login: the browser registers a key after the form', binding?.dbsc, binding)
    const cookies = await anna.cookies()
    check('login: both cookies are HttpOnly and Secure', ['__Host-sid', '__Host-bound'].every(n => cookies[n]?.httpOnly && cookies[n].secure), cookies)
    check('login: the session cookie is SameSite=Strict', cookies['__Host-sid']?.sameSite === 'Strict', cookies)
    const key = await anna.until(() => anna.text('#key'), t => t.length === 43)
    check('login: the browser is a known device', key, await anna.text('#key'))
    await picture(anna, 'account')
  },

  async '12 parallel fetches, and bodies'() {
    await sleep(1)
    const before = await anna.refreshes()
    await anna.loseBoundCookie()
    const answers = await anna.page.evaluate(() => Promise.all(Array.from({ length: 12 }, (_, i) =>
      fetch('/echo', { method: 'POST', body: `parcel ${i}` }).then(async answer => answer.ok && (await answer.json()).body))))
    check('parallel: all 12 are answered, each with its body', answers.every((b, i) => b === `parcel ${i}`), answers)
    const made = await anna.refreshes() - before
    check('parallel: one refresh for all of them', made === 1, made)
    await anna.loseBoundCookie()
    const body = 'x'.repeat(20_000)
    const large = await anna.fetch('/echo', { method: 'POST', headers: { Accept: 'application/json' }, body })
    check('parallel: a large body survives being held', JSON.parse(large.body).body === body, large.status)
  },

  async 'key binding across reload'() {
    await anna.go('/account')
    const before = await anna.until(() => anna.text('#key'), t => t.length === 43)
    await anna.page.reload()
    const after = await anna.until(() => anna.text('#key'), t => t.length === 43)
    check('reload: the same key', before && before === after, [before, after])
    const refused = await anna.page.evaluate(async () => {
      const key = (await (await import('/static/device.js')).keyFor('device')).privateKey
      return crypto.subtle.exportKey('jwk', key).then(() => 'exported', e => e.name)
    })
    check('reload: no script can export it', refused === 'InvalidAccessError', refused)
  },

  async 'transactions'() {
    await anna.go('/confirm')
    const byToken = await anna.result('#by-token', /Confirmed|Refused|\d{3} /)
    check('confirm: with a secure action token', byToken.startsWith('Confirmed by secure'), byToken)
    await picture(anna, 'confirm')
    const byChallenge = await anna.result('#by-challenge', /challenge|Refused|\d{3} /)
    check('confirm: with a challenge that names the amount', byChallenge.startsWith('Confirmed by signed'), byChallenge)
    const wrong = await anna.result('#wrong-action', /Refused|\d{3} [A-Z]/)
    check('confirm: a token for another action is 403 Action type mismatch', wrong === '403 Action type mismatch', wrong)
    const bare = await anna.page.evaluate(async () => {
      const { load, post } = await import('/static/device.js')
      return post('/confirm/token', { session_token: (await load('device-session')).token, action_type: 'transaction' })
    })
    check('confirm: the session alone is not enough', bare.status === 403 && bare.error === 'action_token_required', bare)
  },

  async 'DPoP'() {
    await anna.go('/tokens')
    check('DPoP: token and proof give the orders', (await anna.result('#get', /order|\d{3}/)).startsWith('200'), await anna.text('#result'))
    check('DPoP: new access tokens extend the session', (await anna.events()).some(e => e.outcome.includes('the session is extended')))
    await picture(anna, 'dpop')
    check('DPoP: the same proof again is refused', (await anna.result('#again', /^401/)).includes('invalid_dpop_proof'), await anna.text('#result'))
    check('DPoP: the token without a proof is refused', (await anna.result('#bearer', /invalid_token/)).startsWith('401'), await anna.text('#result'))
  },

  async 'a blocked device'() {
    await anna.go('/devices')
    await picture(anna, 'devices')
    await anna.page.click('tr[data-key] button[value=block]')
    const state = await anna.until(() => anna.text('tr[data-key] .state'), t => t === 'blocked')
    check('block: the list says so', state, await anna.text('tr[data-key]'))
    const key_id = await anna.page.getAttribute('tr[data-key]', 'data-key')
    const change = what => anna.fetch('/devices/change', { method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }, body: `change=${what}&key_id=${key_id}` })
    const again = await change('block'), unblock = await change('unblock')
    check('block: it may be done again, as after a failure in between', again.status === 200, again)
    check('block: its user cannot unblock it', unblock.status === 400, unblock)
    await anna.go('/confirm')
    check('block: its tokens are refused', /blocked/.test(await anna.result('#by-token', /Refused|\d{3} |Confirmed/)), await anna.text('#result'))
    check('block: its signatures are refused', !/Confirmed/.test(await anna.result('#by-challenge', /Refused|\d{3} |Confirmed/)), await anna.text('#result'))
    const admin = await administrator()
    await admin.go('/admin?user=anna')
    await admin.page.click('tr[data-key] button[value=unblock]')
    await admin.page.waitForSelector('tr[data-key] button[value=block]')
    await admin.close()
    await anna.go('/confirm')
    check('block: an administrator unblocks it, it is good again', /Confirmed/.test(await anna.result('#by-challenge', /Refused|\d{3} |Confirmed/)), await anna.text('#result'))
  },

  ...adminStories(check, picture, dead),
  ...passkeyStories(check, picture),

  // By hand, in Anna's name: every address that takes something, with what no page of the site sends.
  async 'junk'() {
    const Cookie = await anna.jar()
    const paths = ['/signup', '/login', '/echo', '/sessions/end', '/devices/change', '/device/challenge', '/device/register', '/device/prove', '/device/session', '/device/session/challenge', '/telemetry/batch',
      '/passkey/signup/begin', '/passkey/signup/finish', '/passkey/login/begin', '/passkey/login/finish', '/passkey/add/begin', '/passkey/add/finish',
      '/passkey/change', '/passkey/confirm/begin', '/passkey/confirm/finish', '/confirm/token', '/confirm/challenge', '/oauth/token', '/oauth/refresh', '/admin/revoke', '/admin/device', '/admin/session/end', '/dbsc/register', '/dbsc/refresh', '/nowhere']
    const nested = '['.repeat(5000), token = `${'e30.'.repeat(2)}AA`
    const bodies = ['', '{', nested, 'null', '{"jwk":7,"answer":[]}', `{"jwk":"{}","answer":"${token}","token":"${token}","key_id":"x","purpose":"confirm"}`,
      'user=%zz&password=%', Buffer.from([0xff, 0xfe, 0x00]), `{"session_token":"${token}","secured_session_token":"${token}","action_type":"x"}`]
    const fields = [{}, { DPoP: token, Authorization: `DPoP ${token}` }, { 'Secure-Session-Response': token, 'Sec-Secure-Session-Id': '"x' },
      { 'Secure-Session-Response': `"${token}"`, 'Sec-Secure-Session-Id': 'x'.repeat(5000) }]
    const failures = []
    for (const path of paths)
      for (const [i, body] of bodies.entries())
        for (const extra of fields) {
          const status = await raw('POST', path, { Cookie, Origin: origin, ...extra }, body).catch(e => e.message)
          if (!(status >= 200 && status < 500)) failures.push([path, i, status])
        }
    check('junk: no address fails over it', failures.length === 0, failures.slice(0, 10))
    const answer = await anna.fetch('/echo')
    check('junk: and it ended nothing', answer.status === 200, answer)
  },

  // From here on a bound cookie lives for seconds, and Chromium refreshes with every request: it does so two minutes ahead.
  async 'a short lifetime'() {
    await killServer('SIGTERM')
    await startServer(program, lifetime)
    await anna.loseBoundCookie()
    check('short lifetime: after a change of the policy the next refresh brings the new lifetime', (await anna.fetch('/echo')).status === 200)
    const left = (await anna.cookies())['__Host-bound'].expires - Date.now() / 1000
    check('short lifetime: of seconds', left > 0 && left <= lifetime + 1, left)
  },

  async 'bound cookie expiry'() {
    const before = (await anna.cookies())['__Host-bound'].value
    const events = await anna.events()
    await sleep(lifetime + latency + 0.5)
    const answer = await anna.fetch('/echo')
    check('expiry: the held request arrives', answer.status === 200, answer)
    const since = (await anna.events()).slice(events.length).map(e => e.line)
    const refresh = since.findIndex(l => l === 'POST /dbsc/refresh -> 200'), echo = since.findIndex(l => l.startsWith('GET /echo'))
    check('expiry: the refresh came first', refresh >= 0 && refresh < echo, since)
    check('expiry: the proof is a signature over our challenge', (await anna.events()).some(e => e.sent.some(s => s.includes('dbsc+jwt') && s.includes('jti'))), since)
    check('expiry: the cookie is another', (await anna.cookies())['__Host-bound'].value !== before, before)
  },

  async 'stolen cookies'() {
    const thief = await browser('thief')
    await anna.fetch('/echo')
    await sleep(0.5)
    await thief.context.addCookies(await anna.context.cookies(origin))
    const stolen = await anna.jar()
    await thief.go('/echo')
    check('theft: a fresh copy works for as long as the cookie', (await thief.text('body')).includes('"anna"'), await thief.text('body'))
    await sleep(lifetime + latency + 1)
    check('theft: then the second browser is out', dead((await thief.go('/echo')).status()), await thief.text('body'))
    const byHand = await raw('GET', '/echo', { Cookie: stolen })
    check('theft: and so is the very value, sent by hand', dead(byHand), byHand)
    const answer = await anna.fetch('/echo')
    check('theft: the owner goes on', answer.status === 200, answer)
    await thief.close()
  },

  async 'ended by the server'() {
    const laptop = await browser('laptop')
    await laptop.logIn('anna', 'correct horse')
    check('end: a second browser is logged in', (await laptop.bound())?.dbsc, await laptop.binding())
    await anna.go('/devices')
    await Promise.all([anna.page.waitForNavigation(), anna.page.click('form[action="/sessions/end"] button')])
    check('end: the other browser is out at once', dead((await laptop.fetch('/echo')).status), await laptop.page.title())
    check('end: this one goes on', (await anna.fetch('/echo')).status === 200)

    await laptop.logIn('anna', 'correct horse')
    check('end: it may log in again', (await laptop.bound())?.dbsc)
    const refused = await anna.fetch('/admin/revoke', { method: 'POST', body: 'user=anna' })
    check('end: who is no administrator cannot revoke', refused.status === 403, refused)
    const admin = await browser('admin')
    await admin.logIn('admin', 'only for this test')
    await admin.bound()
    await admin.go('/admin?user=anna')
    await picture(admin, 'admin')
    await Promise.all([admin.page.waitForNavigation(), admin.page.click('button.danger')])
    const both = [await anna.fetch('/echo'), await laptop.fetch('/echo')].map(a => a.status)
    check('end: an administrator ends all sessions of a user', both.every(dead), both)
    const reasons = await anna.until(async () => anna.ended, ended => ended.length)
    check('end: and Chromium forgets the bound session at its next refresh', reasons?.at(-1) === 'ServerRequested', anna.ended)
    check('end: no session had ended before', anna.ended.length === 1, anna.ended)
    await Promise.all([admin.close(), laptop.close()])
    await anna.logIn('anna', 'correct horse')
    check('end: and the user logs in anew', (await anna.bound())?.dbsc)
  },

  async 'restarts'() {
    const before = await anna.until(anna.binding, b => b.dbsc && b.key_id)
    await anna.close()
    const signal = await killServer('SIGKILL')
    await startServer(program, lifetime)
    await sleep(lifetime)
    anna = await browser('anna')
    await anna.go('/account')
    const after = await anna.binding()
    check(`restart: of browser and server (${signal}): the same session, refreshed by the same key`, after.dbsc && after.dbsc === before.dbsc, [before, after])
    check('restart: and the same WebCrypto key', after.key_id === before.key_id && await anna.until(() => anna.text('#key'), t => t === before.key_id), after)
    await anna.page.evaluate(() => fetch('/echo', { headers: { DPoP: 'caf\xe9' } }).then(r => r.text()))
    await anna.go('/wire')
    await anna.page.waitForSelector('#events li .bound')
    check('wire: a value that is no UTF-8 is shown', await anna.until(() => anna.text('#events'), t => t.includes('dpop: caf?')))
    await picture(anna, 'wire')
  },

  async 'a browser without bound sessions'() {
    const carl = await browser('carl', { bound: false })
    await carl.signUp('carl', 'battery staple')
    const key = await carl.until(carl.binding, b => b.key_id)
    check('challenge path: the login is bound to a key in IndexedDB', key && !key.dbsc, key)
    check('challenge path: the session works', (await carl.fetch('/echo')).status === 200)
    const jar = await carl.jar()
    await sleep(lifetime + 1)
    check('challenge path: without a young proof scripts get 401', dead((await carl.fetch('/echo')).status))
    await carl.go('/devices')
    await carl.at('/devices')
    check('challenge path: a page proves the key and goes on', (await carl.page.title()).startsWith('Sessions'), await carl.page.title())
    for (const elsewhere of ['/%09/evil.signet.test/', '//evil.signet.test/', '/%5Cevil.signet.test/', 'javascript:alert(1)']) {
      await carl.go(`/prove?next=${elsewhere}`)
      await carl.at('/account') // where the front page leads
    }
    check('challenge path: it leads to no other site', carl.page.url().startsWith(`${origin}/`), carl.page.url())
    const thief = await browser('second-thief', { bound: false })
    await thief.context.addCookies(await carl.context.cookies(origin))
    await sleep(lifetime + 1)
    await thief.go('/devices')
    check('challenge path: the thief of the cookies has no key', await thief.says('#result', /needs the key/), await thief.text('body'))
    await carl.go('/account')
    await carl.at('/account')
    check('challenge path: the owner goes on', (await carl.fetch('/echo')).status === 200, jar.length)
    await Promise.all([thief.close(), carl.close()])
  },

  async 'logout everywhere'() {
    const one = await browser('dana'), two = await browser('dana elsewhere')
    await one.signUp('dana', 'correct horse')
    await two.logIn('dana', 'correct horse')
    check('two browsers are logged in', (await two.fetch('/echo')).status === 200)
    await one.go('/devices')
    await Promise.all([one.page.waitForURL(url('/')), one.page.click('form[action="/logout-everywhere"] button')])
    check('"This will terminate all user\'s sessions for this application."', dead((await two.fetch('/echo')).status) && dead((await one.fetch('/echo')).status))
    for (const who of [one, two]) await who.close()
  },

  async 'forged requests and logout'() {
    const jar = await anna.jar()
    const forged = await raw('POST', '/logout', { Origin: 'https://evil.test', Cookie: jar })
    check('forgery: a request of another origin is refused', forged === 403, forged)
    await anna.go('/account')
    const last = await anna.jar()
    await Promise.all([anna.page.waitForURL(url('/')), anna.page.click('form[action="/logout"] button')])
    // The page for the next login may have named its visit already.
    const left = Object.keys(await anna.cookies()).filter(name => name !== '__Host-visit')
    check('logout: no cookies are left', left.length === 0, left)
    check('logout: nor the bound session', await anna.until(async () => anna.ended, ended => ended.length), anna.ended)
    const databases = await anna.page.evaluate(async () => (await indexedDB.databases()).length)
    check('logout: nor anything stored', databases === 0, databases)
    const replay = await raw('GET', '/echo', { Cookie: last })
    check('logout: the old cookies are worth nothing', dead(replay), replay)
    check('no page broke its Content-Security-Policy or threw', anna.violations.length === 0, anna.violations)
    await anna.close()
  },
}

try {
  await startServer(program, 600)
  for (const [name, story] of Object.entries(stories)) {
    try {
      await story()
    } catch (e) {
      check(`${name} runs to its end`, false, e.message)
    }
    console.log(`        ${((Date.now() - began) / 1000).toFixed(1)} s after "${name}"`)
  }
} catch (e) {
  check('the site starts', false, e.message)
}
await cleanUp()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed || !passed ? 1 : 0)
