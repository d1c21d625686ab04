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
  let petra, paula, device, key
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
      const own = await plugIn(paula.context, paula.page)
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
      key = (await own.credentials())[0]
      device.of_paula = own
    },
  }
}
