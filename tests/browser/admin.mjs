// SPDX-License-Identifier: BSL-1.0
// The demo's administrator: sessions and devices of users, and what devices report.
import { browser, origin, raw, sleep, url } from './site.mjs'

const form = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
const posts = ['/admin/session/end', '/admin/device', '/admin/revoke']
const press = (who, button) => Promise.all([who.page.waitForNavigation(), who.page.click(button)])
const find = async (admin, what, text) => {
  await admin.go('/admin')
  await admin.page.fill(`input[name=${what}]`, text)
  await press(admin, `form:has(input[name=${what}]) button`)
}
const device = (user, keyId, more = '') => `tr[data-user="${user}"][data-key="${keyId}"]${more}`
const count = (who, selector) => who.page.locator(selector).count()
const keyOf = async who => (await who.until(who.binding, b => b.key_id))?.key_id
// What registering this browser's key comes to: its id, or why not.
const register = who => who.page.evaluate(async () => (await import('/static/device.js')).register().then(key => key.id, e => e.message))
const reports = admin => admin.page.locator('#events li').allTextContents()

export async function administrator() {
  const admin = await browser('administrator')
  await admin.logIn('admin', 'only for this test', false)
  await admin.bound()
  return admin
}

export function adminStories(check, picture, dead) {
  let admin, bea
  return {
    async 'an administrator finds and a user does not'() {
      admin = await administrator()
      bea = await browser('bea')
      await bea.signUp('bea', 'a quiet place')
      await bea.bound()
      const key = await keyOf(bea), { sid } = JSON.parse((await bea.fetch('/echo')).body)

      const pages = ['/admin', '/admin?user=anna', `/admin?key_id=${key}`, '/admin/activity'].map(path => bea.fetch(path))
      const seen = (await Promise.all(pages)).map(a => a.status)
      check('a user who opens a page of the administrator gets 403', seen.every(s => s === 403), seen)
      const body = new URLSearchParams({ user: 'bea', sid, key_id: key, change: 'remove' }).toString()
      const done = await Promise.all(posts.map(path => bea.fetch(path, { method: 'POST', headers: form, body, redirect: 'manual' })))
      check('a user who does what an administrator does gets 403', done.every(a => a.status === 403), done)
      const Cookie = await admin.jar()
      const forged = await Promise.all(posts.map(path => raw('POST', path, { ...form, Cookie, Origin: 'https://evil.test' }, body)))
      check("another site's form in the administrator's name gets 403", forged.every(s => s === 403), forged)
      check('and none of that ended anything', (await bea.fetch('/echo')).status === 200)
      const strange = await raw('POST', '/admin/revoke', { ...form, Cookie, Origin: origin }, 'user=nobody-has-this-name')
      check('nothing is done to a user whom nobody knows', strange === 404, strange)

      await find(admin, 'user', 'bea')
      check('by user: his sessions are listed', await count(admin, 'tr[data-sid]') === 1 && await count(admin, `tr[data-sid="${sid}"]`) === 1, await admin.text('main'))
      check('by user: and his devices, "along with general information about the device, such as its type, display name, last activity, and status"',
        /web.*Chromium on Linux.*active.*possession.*just now/s.test(await admin.text(device('bea', key))), await admin.text('main'))
      await picture(admin, 'administrator')
      await find(admin, 'user', '<b>nobody</b>')
      check('by user: of a name that nobody has, nothing is listed', await count(admin, 'main b, tr[data-sid], tr[data-key]') === 0, await admin.text('main'))
      await find(admin, 'key_id', key)
      check('by key_id: the device is found without its user', await count(admin, device('bea', key)) === 1, await admin.text('main'))
      await find(admin, 'key_id', 'no such key')
      check('by key_id: one that nobody has is not found', await count(admin, 'tr[data-key]') === 0, await admin.text('main'))
    },

    async 'an administrator ends sessions and refresh tokens'() {
      const away = await browser('bea-away')
      await away.logIn('bea', 'a quiet place')
      await away.bound()
      const { sid } = JSON.parse((await away.fetch('/echo')).body)
      await away.go('/tokens')
      await away.result('#get', /order|\d{3}/)
      await find(admin, 'user', 'bea')
      check('both sessions are listed', await count(admin, 'tr[data-sid]') === 2, await admin.text('main'))
      await press(admin, `tr[data-sid="${sid}"] button`)
      check('an ended session is off the list', await count(admin, 'tr[data-sid]') === 1 && await count(admin, `tr[data-sid="${sid}"]`) === 0, await admin.text('main'))
      check('its browser is logged out', dead((await away.fetch('/echo')).status))
      await away.clear('#result')
      const gone = await away.result('#refresh', /next refresh|error/)
      check('and its refresh token is refused', /^400/.test(gone), gone)
      check('the other one is not', (await bea.fetch('/echo')).status === 200)
      await away.close()

      await bea.go('/tokens')
      await bea.result('#get', /order|\d{3}/)
      const fresh = await bea.result('#refresh', /next refresh|error/)
      check('a refresh token is exchanged for the next one', /^200\n/.test(fresh), fresh)
      const old = (await bea.cookies())['__Host-bound'].value
      await find(admin, 'user', 'bea')
      await press(admin, 'button.danger')
      check('the page says what was ended', /^1 sessions of bea ended, and all refresh tokens\.$/.test(await admin.text('.notice')), await admin.text('.notice'))
      await bea.clear('#result')
      const refused = await bea.result('#refresh', /next refresh|error/)
      check('"The session revocation call will delete all the sessions for the specified user, as well as revoke all refresh tokens."',
        /^400/.test(refused) && dead((await bea.fetch('/echo')).status), refused)
      await sleep(1) // what is of the second of the revocation is over too
      await bea.logIn('bea', 'a quiet place')
      await bea.bound()
      const agent = await bea.page.evaluate(() => navigator.userAgent)
      const late = { 'User-Agent': agent, Cookie: `__Host-sid=${(await bea.cookies())['__Host-sid'].value}; __Host-bound=${old}` }
      const settling = await raw('GET', '/echo', late)
      check('a request that was on its way with the cookie of the session that ended is served', settling === 200, settling)
      await keyOf(bea)
      await bea.go('/tokens')
      await bea.result('#get', /order|\d{3}/)
      const again = await bea.result('#refresh', /next refresh|error/)
      check('a later login has refresh tokens again', /^200\n/.test(again), again)
      await sleep(5)
      const settled = await raw('GET', '/echo', late)
      check('five seconds later that cookie is refused', dead(settled), settled)
    },

    async 'an administrator blocks, unblocks and removes a device'() {
      const key = await keyOf(bea)
      await find(admin, 'key_id', key)
      await press(admin, device('bea', key, ' button[value=block]'))
      check('block: the list says so', await admin.text(device('bea', key, ' .state')) === 'blocked', await admin.text('main'))
      check("block: the device's logins end", dead((await bea.fetch('/echo')).status))
      await bea.logIn('bea', 'a quiet place')
      await bea.bound()
      const blocked = await register(bea)
      check('block: it is no device of a new login', /blocked/.test(blocked), blocked)
      await press(admin, device('bea', key, ' button[value=unblock]'))
      check('"Blocked devices can be reverted to the Active state by unblocking them."',
        await admin.text(device('bea', key, ' .state')) === 'active' && await register(bea) === key, await admin.text('main'))

      await press(admin, device('bea', key, ' button[value=block]'))
      await press(admin, device('bea', key, ' button[value=remove]'))
      check('"Devices that are no longer needed can be removed from the user profile, these device identities are deleted."',
        await count(admin, device('bea', key)) === 0, await admin.text('main'))
      await bea.logIn('bea', 'a quiet place')
      await bea.bound()
      const added = await register(bea)
      check('a device that was removed while it was blocked is not added again', /blocked/.test(added), added)
      await find(admin, 'key_id', key)
      check('and it is on no list', await count(admin, 'tr[data-key]') === 0, await admin.text('main'))

      // The next user of the same browser, and so of the same key.
      await bea.page.evaluate(body => fetch('/signup', { method: 'POST', body }), new URLSearchParams({ user: 'ben', password: 'a loud place' }).toString())
      await bea.until(bea.binding, b => b.user === 'ben' && b.dbsc)
      await sleep(0.5) // until the browser has the cookie for it
      await bea.go('/account')
      check('another user of that browser has it as his device', await keyOf(bea) === key, await bea.binding())
      await find(admin, 'key_id', key)
      check('by key_id: it is found with its other user', await count(admin, device('ben', key)) === 1, await admin.text('main'))
      await press(admin, device('ben', key, ' button[value=remove]'))
      check("remove: the device's logins end", dead((await bea.fetch('/echo')).status))
      check('the pages of bea broke no Content-Security-Policy and threw nothing', bea.violations.length === 0, bea.violations)
      await bea.close()
    },

    async 'telemetry'() {
      const dora = await browser('dora')
      await dora.go('/telemetry')
      const session = await dora.until(() => dora.text('#session'), t => t.length === 22), key = await dora.text('#key')
      check('a device session begins when the page is opened, without a user', session && await dora.text('#who') === 'nobody yet', await dora.text('main'))
      await find(admin, 'key_id', key)
      const first = await admin.until(() => reports(admin), l => l.some(t => t.includes('page /telemetry')))
      check('"The telemetry data is associated with a specific device session"', first?.every(t => t.includes(session) && t.includes(key)), first ?? await reports(admin))
      const tab = await dora.context.newPage()
      await tab.goto(url('/telemetry'))
      await tab.waitForSelector('#sent li')
      await dora.page.bringToFront()
      await dora.page.type('#typed', 'secret')
      await dora.page.mouse.move(300, 300, { steps: 5 })
      const second = await admin.until(() => reports(admin), l => l.some(t => /key 6/.test(t)) && l.some(t => /pointer \d/.test(t)))
      check("telemetry: the administrator's page shows it as it comes", second?.every(t => t.includes('nobody yet')), second ?? await reports(admin))
      check('telemetry: which keys were pressed is not in it', second?.every(t => !t.includes('secret')), second)
      const numbers = second?.map(t => Number(/telemetry (\d+)/.exec(t)?.[1])).sort((a, b) => a - b)
      check('telemetry: two tabs report in one session, and each number comes once', numbers?.every((n, i) => n === i), numbers)
      await tab.close()

      await dora.signUp('dora', 'a bright place')
      await dora.bound()
      const known = await keyOf(dora)
      await dora.go('/telemetry')
      const who = await dora.until(() => dora.text('#who'), t => t === 'dora')
      check('a login goes on in the session of the device', who && known === key && await dora.text('#session') === session, await dora.text('main'))
      const login = await admin.until(() => reports(admin), l => l.some(t => t.includes('dora: login')) && l.some(t => t.includes('dora: telemetry')))
      check('"Reporting the user ID for the login event builds an association between the user and their actions for the duration of the device session"',
        login, await reports(admin))
      check('the login comes with a recommendation and its reason', login?.some(t => t.includes('recommendation: challenge (new device)')), login)
      await dora.go('/confirm')
      const paid = await dora.result('#by-token', /Confirmed|Refused|\d{3} /)
      const action = await admin.until(() => reports(admin), l => l.some(t => t.includes('dora: transaction')))
      check('so does a transaction', paid.startsWith('Confirmed') && action, [paid, await reports(admin)])
      await picture(admin, 'activity')

      await dora.go('/telemetry')
      await dora.until(() => dora.text('#sent'), t => t.includes('page'))
      const sent = await dora.page.evaluate(async () => {
        const { load } = await import('/static/device.js')
        const { id, token } = await load('device-session')
        const send = async (session, number, bearer = token) => (await (await fetch('/telemetry/batch', { method: 'POST',
          headers: { Accept: 'application/json', Authorization: `Bearer ${bearer}` },
          body: JSON.stringify({ session, number, events: [{ type: 'page', at: 1 }] }) })).json()).error
        return [await send(id, 0), await send(id, 4_000_000), await send('another session', 1), await send(id, 1, 'no.such.token')]
      })
      check('telemetry: what comes twice, too early, for another session or without its token is refused',
        sent.slice(0, 3).join() === 'replayed,telemetry_too_early,device_mismatch' && Boolean(sent[3]), sent)

      await find(admin, 'user', 'dora')
      const own = await admin.until(() => reports(admin), l => l.length)
      check("telemetry: a user's page shows what was reported since he logged in", own?.every(t => t.includes('dora: ')), own)
      await press(admin, device('dora', key, ' button[value=block]'))
      await dora.page.type('#typed', 'more')
      const over = await dora.until(() => dora.text('#session'), t => t.length === 22 && t !== session)
      check('block: the device session ends, and the next one has no user', over && await dora.until(() => dora.text('#who'), t => t === 'nobody yet'), await dora.text('main'))
      for (const one of [dora, admin]) check('no page broke its Content-Security-Policy or threw', one.violations.length === 0, one.violations)
      await picture(dora, 'telemetry')
      await Promise.all([dora.close(), admin.close()])
    },
  }
}
