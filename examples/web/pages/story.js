// Draws the last exchanges between this browser and the server: who said what, and what the server made of it.
const maxEvents = 5

// What a request says, by its line.
const asks = [
  [/^POST \/signup/, 'a new account: name and password'],
  [/^POST \/login/, 'name and password'],
  [/^POST \/logout/, 'log out'],
  [/^POST \/passkey\/signup\/finish/, "a new account, and a new passkey's public key"],
  [/^POST \/passkey\/login\/finish/, 'a challenge, signed by a passkey'],
  [/^POST \/passkey\/add\/begin/, 'options for a new passkey, please'],
  [/^POST \/passkey\/add\/finish/, "a new passkey's public key"],
  [/^POST \/passkey\/confirm\/begin/, 'a challenge for a payment, please'],
  [/^POST \/passkey\/confirm\/finish/, 'a payment, and a challenge for it signed by a passkey'],
  [/^POST \/dbsc\/register/, 'a new key of this device, and a signature of the challenge'],
  [/^POST \/dbsc\/refresh/, 'the session, and a signature of the challenge'],
  [/^POST \/device\/(session\/)?challenge/, 'a challenge, please'],
  [/^POST \/device\/register/, "this browser's public key, and the challenge signed by it"],
  [/^POST \/device\/prove/, 'the challenge, signed'],
  [/^POST \/device\/session/, 'a device session, please, and a challenge signed'],
  [/^POST \/confirm\/token/, 'a payment, and a token signed for this action'],
  [/^POST \/confirm\/challenge/, 'a payment, and a signed challenge that names it'],
  [/^POST \/oauth\/token/, 'tokens for this key, please'],
  [/^POST \/oauth\/refresh/, 'the refresh token, and a proof of its key'],
  [/^GET \/api\//, 'the access token, and a proof for this request'],
]
// What an answer brings, by its fields.
const brings = [
  [/^set-cookie: __Host-bound[^=]*=\.\.\./, 'a bound cookie'],
  [/^set-cookie: [^=]*=\.\.\./, 'a session cookie'],
  [/^secure-session-registration/, 'register a key'],
  [/^secure-session-challenge/, 'the next challenge'],
  [/^dpop-nonce/, 'a nonce'],
  [/^clear-site-data/, 'forget everything'],
]

// What it brings where its fields do not say so.
const bodies = [
  [/^POST \/device\/(session\/)?challenge/, 'a challenge'],
  [/^POST \/passkey\/(add|confirm)\/begin/, 'a challenge'],
  [/^POST \/(device\/(register|prove)|passkey\/add\/finish)/, 'thank you'],
  [/^POST \/device\/session/, 'a device session'],
  [/^POST \/oauth\/(token|refresh)/, 'an access token and a refresh token'],
  [/^POST \/(confirm|passkey\/confirm\/finish)/, 'paid'],
  [/^GET \/api\//, 'the orders'],
]

function step(className, text) {
  const made = document.createElement('li')
  made.className = className
  made.textContent = text
  return made
}

const said = line => (asks.find(([pattern]) => pattern.test(line)) ?? [0, line.replace(/ -> .*/, '')])[1]

function answered(event) {
  const found = brings.filter(([pattern]) => event.answered.some(line => pattern.test(line))).map(([, text]) => text)
  // A bound cookie is a cookie too; it is named once.
  const once = found.includes('a bound cookie') && event.answered.filter(l => l.startsWith('set-cookie')).length === 1
    ? found.filter(text => text !== 'a session cookie') : found
  const status = / -> (\d+)/.exec(event.line)?.[1] ?? ''
  if (!once.length && status.startsWith('2')) once.push(...bodies.filter(([pattern]) => pattern.test(event.line)).map(([, text]) => text))
  return `${status}${once.length ? ': ' + once.join(', ') : ''}`
}

export function draw(list, events) {
  const told = events.filter(event => event.outcome).slice(-maxEvents)
  list.replaceChildren(...told.flatMap(event => [
    step('to', said(event.line)),
    step('note', event.outcome.replace(/\. .*/, '')),
    step(/ -> [45]/.test(event.line) ? 'back bad' : 'back', answered(event)),
  ]))
}
