import { create, supported, use } from './passkey.js'
import { post } from './post.js'

const renewal = 240_000 // milliseconds: a challenge is good for five minutes
const notice = document.querySelector('.notice')
const keep = form => form.elements.keep.checked ? '?keep=on' : ''

async function finish(path, answer) {
  const done = await post(path, answer)
  if (done.status === 200) return location.assign(done.next)
  // The server has removed it, so the browser need not offer it again.
  if (done.unknown) await PublicKeyCredential.signalUnknownCredential?.(JSON.parse(done.unknown))
  throw new Error(done.message)
}

const [login, signup] = document.forms
const logIn = async how => finish(`/passkey/login/finish${keep(login)}`, await use('/passkey/login/begin', {}, how))

async function signUp() {
  const { user } = signup.elements
  if (!user.reportValidity()) return
  const answer = await create('/passkey/signup/begin', { user: user.value })
  await finish(`/passkey/signup/finish${keep(signup)}`, { user: user.value, answer: JSON.stringify(answer) })
}

// The browser offers passkeys in the field for the name, until a button is pressed.
async function autofill() {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return
  const again = setTimeout(autofill, renewal)
  await logIn({ mediation: 'conditional' }).catch(e => {
    if (e.name !== 'AbortError') notice.textContent = e.message
  })
  clearTimeout(again)
}

function button(id, work) {
  const made = document.querySelector(id)
  made.hidden = false
  made.addEventListener('click', () => work().catch(e => {
    notice.textContent = e.message
    autofill()
  }))
}

if (supported) {
  button('#passkey-login', () => logIn())
  button('#passkey-signup', signUp)
  autofill()
}
