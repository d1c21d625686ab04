// SPDX-License-Identifier: BSL-1.0
// Passkeys on the demo site, with Chromium's virtual authenticator.
import { browser, origin, raw, url } from './site.mjs'

// An authenticator in one tab. It touches itself.
async function plugIn(context, page, options = {}) {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, ...options } })
  const send = (what, more = {}) => devtools.send(`WebAuthn.${what}`, { authenticatorId, ...more })
  return { send, credentials: async () => (await send('getCredentials')).credentials }
}
const synced = { defaultBackupEligibility: true, defaultBackupState: true }

// Options by hand, as the page would fetch them.
const begin = (page, path, body = {}) => page.evaluate(async ([path, body]) =>
  (await fetch(path, { method: 'POST', headers: { Accept: 'application/json' }, body: JSON.stringify(body) })).json(), [path, body])

// The rest of a ceremony by hand: the statuses of the answer, sent `times` times, or what the browser threw.
const finish = (page, path, options, { action, times = 1 } = {}) => page.evaluate(async ([path, options, action, times]) => {
  try {
    const { credentials } = navigator
    const made = options.rp
      ? await credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    const answer = made.toJSON(), body = JSON.stringify(action ? { action, answer: JSON.stringify(answer) } : answer), statuses = []
    for (let i = 0; i !== times; ++i)
      statuses.push((await fetch(path, { method: 'POST', headers: { Accept: 'application/json' }, body })).status)
    return statuses.join()
  } catch (e) {
    return e.name
  }
}, [path, options, action, times])

const logIn = async (page, bend = {}, more = {}) =>
  finish(page, '/passkey/login/finish', { ...await begin(page, '/passkey/login/begin'), ...bend }, more)

const noAutofill = page => page.addInitScript(() => {
  if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false
})
const press = (who, button, path = '/account') => Promise.all([who.at(path), who.page.click(button)])
const logout = 'form[action="/logout"] button'

export const passkeyStories = (check, picture) => {
  let petra, paula, device, own // two users, and the authenticator of each
  return {
    async 'a passkey: sign up, autofill, button'() {
      petra = await browser('petra')
      device = await plugIn(petra.context, petra.page, synced)
      await petra.go('/')
      await petra.page.fill('form[action="/signup"] input[name=user]', 'petra')
      await press(petra, '#passkey-signup')
      check('passkey: it makes an account without a password', await petra.text('#user') === 'petra', await petra.text('#user'))
      check('passkey: and the login is bound to the browser as any other', (await petra.bound())?.dbsc, await petra.binding())
      const made = await device.credentials()
      check('passkey: it is discoverable, for this host', made.length === 1 && made[0].isResidentCredential && made[0].rpId === new URL(origin).hostname, made)
      const byPassword = await raw('POST', '/login', { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' }, 'user=petra&password=')
      check('passkey: no password opens that account', byPassword === 401, byPassword)
      await petra.go('/devices')
      check('passkey: the list says that it is synced', await petra.text('tr[data-passkey] .lives') === 'synced', await petra.text('tr[data-passkey]'))
      await picture(petra, 'passkeys')

      // Chromium answers for autofill at once where there is a virtual authenticator.
      await petra.page.click(logout)
      check('autofill: the page for the login finds the passkey', await petra.until(() => petra.text('#user'), text => text === 'petra'), petra.page.url())
      await noAutofill(petra.page)
      await press(petra, logout, '/')
      await press(petra, '#passkey-login')
      check('button: the same passkey finds the same user', await petra.text('#user') === 'petra', await petra.text('#user'))
      check('button: and the login is bound to the browser', (await petra.bound())?.dbsc, await petra.binding())
    },

    async 'a passkey beside a password'() {
      paula = await browser('paula')
      await noAutofill(paula.page)
      own = await plugIn(paula.context, paula.page)
      await paula.signUp('paula', 'four random words')
      await paula.bound()
      await paula.go('/confirm')
      const none = await paula.result('#by-passkey', /\d{3} |Refused|Confirmed/)
      check('confirm: without a passkey the page says so', none === 'Refused: You have no passkey yet.', none)
      await paula.go('/devices')
      await paula.page.click('#add-passkey')
      await paula.page.waitForSelector('tr[data-passkey]')
      check('add: it lives on this device only', await paula.text('tr[data-passkey] .lives') === 'this device only', await paula.text('tr[data-passkey]'))
      const second = await paula.result('#add-passkey', /./)
      check('add: there is one for a device', second.startsWith('This device has a passkey'), second)
      const thrown = await finish(paula.page, '/passkey/add/finish', await begin(paula.page, '/passkey/add/begin'))
      check('add: for the browser knows the list of those to exclude', thrown === 'InvalidStateError', thrown)
      await paula.page.fill('tr[data-passkey] input[name=label]', 'My <laptop>')
      await Promise.all([paula.page.waitForNavigation(), paula.page.click('button[value=rename]')])
      const label = await paula.page.inputValue('tr[data-passkey] input[name=label]')
      check('rename: the list has the new name', label === 'My <laptop>', label)

      await paula.go('/confirm')
      const paid = await paula.result('#by-passkey', /\d{3} |Refused|Confirmed/)
      check('confirm: by a passkey that verified its user', paid === 'Confirmed by passkey', paid)
      const action = 'pay 120.00 to Bob', path = '/passkey/confirm/finish'
      const options = () => begin(paula.page, '/passkey/confirm/begin', { action })
      const other = await finish(paula.page, path, await options(), { action: 'pay 9120.00 to Bob' })
      check('confirm: the signature is for this amount only', other === '401', other)
      const twice = await finish(paula.page, path, await options(), { action, times: 2 })
      check('confirm: and pays once', twice === '200,401', twice)
      const entered = await finish(paula.page, '/passkey/login/finish', await options())
      check('confirm: it is no login', entered === '401', entered)
      await own.send('setUserVerified', { isUserVerified: false })
      const unverified = await finish(paula.page, path, { ...await options(), userVerification: 'discouraged' }, { action })
      check('confirm: without the user it is 401', unverified === '401', unverified)
      await own.send('setUserVerified', { isUserVerified: true })
      const event = (await paula.events()).findLast(e => e.outcome.startsWith('confirmed by a passkey'))
      check('wire: what the passkey said', event?.sent.some(s => s.includes('"webauthn.get"')) && event.sent.some(s => s.includes('user verified')), event)
      const outcomes = (await paula.events()).map(e => e.outcome)
      check('wire: and why it was refused', ['challenge_mismatch', 'challenge_unknown', 'webauthn_user_verification'].every(why => outcomes.includes(`refused: ${why}`)), outcomes)
      await paula.go('/wire')
      await paula.page.waitForSelector('#events li')
      await picture(paula, 'passkeys-on-the-wire')
    },

    async 'answers of passkeys that are not right'() {
      const { page } = petra
      await petra.go('/account')
      const bits = more => device.send('setResponseOverrideBits', { isBogusSignature: false, isBadUV: false, isBadUP: false, ...more })
      for (const [what, bent] of [['a bogus signature', { isBogusSignature: true }], ['UV cleared', { isBadUV: true }], ['UP cleared', { isBadUP: true }]]) {
        await bits(bent)
        const status = await logIn(page)
        check(`passkey: ${what} is 401`, status === '401', status)
      }
      await bits({})
      await device.send('setUserVerified', { isUserVerified: false })
      const unverified = await logIn(page, { userVerification: 'discouraged' })
      check('passkey: a user who was not verified is 401', unverified === '401', unverified)
      await device.send('setUserVerified', { isUserVerified: true })

      const { credentialId } = (await device.credentials())[0]
      const backup = (backupEligibility, backupState) => device.send('setCredentialProperties', { credentialId, backupEligibility, backupState })
      await backup(true, false)
      const local = await logIn(page)
      check('passkey: one that is backed up no more is taken', local === '200', local)
      await backup(false, false)
      const changed = await logIn(page)
      check('passkey: one that says it was never to be backed up is refused', changed === '401', changed)
      await backup(true, true)

      const twice = await logIn(page, {}, { times: 2 })
      check('passkey: an answer logs in once', twice === '200,401', twice)

      // A frame of this site in a page of another. The site's own pages forbid frames, so this one is not the server's.
      const elsewhere = await petra.context.newPage(), around = origin.replace('shop', 'elsewhere')
      await elsewhere.route(`${around}/`, route => route.fulfill({ contentType: 'text/html', body: `<iframe src="${url('/framed')}" allow="publickey-credentials-get *"></iframe>` }))
      await elsewhere.route(url('/framed'), route => route.fulfill({ contentType: 'text/html', body: 'framed' }))
      const copy = await plugIn(petra.context, elsewhere)
      await elsewhere.goto(`${around}/`)
      const frame = elsewhere.frames().find(f => f.url() === url('/framed'))
      const held = async () => (await device.credentials())[0]
      await copy.send('addCredential', { credential: { ...await held(), signCount: 1000 } })
      const framed = await logIn(frame)
      check('passkey: a ceremony in a frame of another site is 401', framed === '401', framed)
      await elsewhere.close()

      // Two tabs: each has its challenge; the second one's passkey is a copy that is ahead.
      const tab = await petra.context.newPage()
      await tab.goto(url('/echo'))
      const clone = await plugIn(petra.context, tab)
      await clone.send('addCredential', { credential: { ...await held(), signCount: 1000 } })
      const [first, second] = [await begin(page, '/passkey/login/begin'), await begin(tab, '/passkey/login/begin')]
      const both = [await finish(page, '/passkey/login/finish', first), await finish(tab, '/passkey/login/finish', second)]
      check('tabs: each has a challenge of its own', both.join() === '200,200', both)
      const behind = await logIn(page)
      check('passkey: then the original is behind: a clone is noticed', behind === '401', behind)
      await tab.close()
    },

    async 'a removed passkey'() {
      const gone = () => paula.until(own.credentials, list => list.length === 0)
      const other = await browser('paula-elsewhere')
      await noAutofill(other.page)
      const copy = await plugIn(other.context, other.page)
      await copy.send('addCredential', { credential: { ...(await own.credentials())[0], signCount: 1000 } })
      await other.go('/')
      await press(other, '#passkey-login')
      await other.bound()
      await paula.go('/devices')
      await Promise.all([paula.page.waitForNavigation(), paula.page.click('tr[data-passkey] button[value=remove]')])
      check('removed: the list is complete, so the browser forgets it', await gone(), await own.credentials())
      const ended = await other.fetch('/echo')
      check('removed: what it logged in elsewhere has ended', ended.status === 401, ended)
      check('removed: this login goes on', (await paula.fetch('/echo')).status === 200)
      await other.close()

      await paula.page.click('#add-passkey')
      const row = await paula.page.waitForSelector('tr[data-passkey]')
      const body = new URLSearchParams({ change: 'remove', id: await row.getAttribute('data-passkey') }).toString()
      await paula.go('/tokens') // where no script tells the browser anything
      await paula.fetch('/passkey/change', { method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })
      check('removed: elsewhere; this browser does not know', (await own.credentials()).length === 1, await own.credentials())
      await press(paula, logout, '/')
      await paula.page.click('#passkey-login')
      check('removed: the login is refused', await paula.says('.notice', /was removed/), await paula.text('.notice'))
      check('removed: and the browser forgets it', await gone(), await own.credentials())

      await petra.go('/devices')
      await Promise.all([petra.page.waitForNavigation(), petra.page.click('tr[data-passkey] button[value=remove]')])
      check('removed: but not the only way into an account', /only way/.test(await petra.text('main')), await petra.text('main'))
    },

    async 'a browser without passkeys'() {
      const page = await paula.context.newPage()
      await page.addInitScript(() => delete globalThis.PublicKeyCredential)
      page.on('pageerror', e => paula.violations.push(e.message))
      await page.goto(url('/'))
      check('no WebAuthn: no button for it', !await page.isVisible('#passkey-login') && !await page.isVisible('#passkey-signup'))
      await page.fill('form[action="/login"] input[name=user]', 'paula')
      await page.fill('form[action="/login"] input[name=password]', 'four random words')
      await Promise.all([page.waitForURL(url('/account')), page.click('form[action="/login"] button')])
      await page.goto(url('/devices'))
      check('no WebAuthn: a password logs in as ever', await page.textContent('.logout span') === 'paula' && !await page.isVisible('#add-passkey'))
      const file = await page.evaluate(async () => (await fetch('/.well-known/webauthn')).json())
      check('the file of related origins names this one', file.origins.join() === origin, file)
      await paula.page.addInitScript(() => {
        PublicKeyCredential.signalAllAcceptedCredentials = () => Promise.reject(new DOMException('not here', 'NotAllowedError'))
      })
      await Promise.all([paula.page.waitForResponse(url('/passkey/signals')), paula.go('/devices')])
      check('a browser that takes no hints: the page works', await paula.page.isVisible('#add-passkey'))
      const broken = [...petra.violations, ...paula.violations]
      check('passkeys: no page broke its Content-Security-Policy or threw', broken.length === 0, broken)
      await Promise.all([petra.close(), paula.close()])
    },
  }
}
