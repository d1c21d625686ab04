// SPDX-License-Identifier: BSL-1.0
// An OpenID provider and two applications of examples/single_sign_on in Chromium: one login, one logout.
// usage: node single_sign_on.mjs PROVIDER APPLICATION SCREENSHOTS        ends in "N passed, N failed"
import { X509Certificate, createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { check, folder, freePort, run, tell, tls } from '../interop/network.mjs'
import { chromiumPath, cleanUp } from './site.mjs'

const [provider, application, pictures] = process.argv.slice(2)
if (!chromiumPath) {
  console.log('skipped: no Chromium here (./dev installs it)')
  process.exit(77)
}
mkdirSync(pictures, { recursive: true })
const spki = createHash('sha256').update(new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64')

const [id, shop, news] = await Promise.all(['id', 'shop', 'news'].map(async name => `https://${name}.localhost:${await freePort()}`))
const client = origin => ({ redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/`], backchannel_logout_uri: `${origin}/backchannel-logout` })
const clients = join(folder, 'clients.json')
writeFileSync(clients, JSON.stringify({ shop: client(shop), news: client(news) }))
await run(provider, id, tls.pem, tls.crt, clients, 'anna:correct horse', 'bert:battery staple')
await run(application, id, 'shop', shop, tls.pem, tls.crt)
await run(application, id, 'news', news, tls.pem, tls.crt)

const open = []
async function browser() {
  const one = await chromium.launch({ executablePath: chromiumPath, headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--host-resolver-rules=MAP *.localhost 127.0.0.1', `--ignore-certificate-errors-spki-list=${spki}`] })
  open.push(one)
  const page = await (await one.newContext()).newPage()
  const visited = []
  page.on('framenavigated', frame => visited.push(frame.url()))
  return { page, visited, says: () => page.textContent('body'), picture: name => page.screenshot({ path: join(pictures, `${name}.png`) }) }
}
async function logIn(who, app, user, password) {
  await who.page.goto(`${app}/login`)
  await who.page.fill('input[name=user]', user)
  await who.page.fill('input[name=password]', password)
  await who.page.click('button')
  await who.page.waitForURL(`${app}/`)
}

const stories = {
  async 'one login, one logout'() {
    const anna = await browser(), bert = await browser()
    await anna.page.goto(`${shop}/`)
    check('silent authentication: login_required where nobody is logged in', (await anna.says()).includes('Nobody is logged in'), anna.visited)
    await anna.page.goto(`${shop}/login`)
    await anna.picture('provider-login')
    await logIn(anna, shop, 'anna', 'correct horse')
    check('single sign-on: logged in at the provider, and so at the application', (await anna.says()).includes('You are anna'), await anna.says())

    anna.visited.length = 0
    await anna.page.goto(`${news}/`)
    check('single sign-on: the second application asks nobody', (await anna.says()).includes('You are anna') && !anna.visited.some(url => url.startsWith(id)), anna.visited)
    await anna.picture('second-application')
    const cookies = await anna.page.context().cookies()
    check('cookies: each of its own host, Secure and HttpOnly', ['id', 'shop', 'news'].every(name => cookies.filter(c => c.domain === `${name}.localhost`
      && c.secure && c.httpOnly && c.sameSite === 'Lax').length === 1), cookies)

    await logIn(bert, news, 'bert', 'battery staple')
    check('another user in another browser', (await bert.says()).includes('You are bert'), await bert.says())

    await anna.page.goto(`${shop}/`)
    await anna.page.click('text=Log out')
    await anna.page.waitForURL(url => url.href.startsWith(shop))
    check('logout everywhere: the browser comes back, and nobody is logged in', (await anna.says()).includes('Nobody is logged in'), anna.visited)
    await anna.page.goto(`${news}/`)
    check('logout everywhere: nor at the other application, which the provider told', (await anna.says()).includes('Nobody is logged in'), await anna.says())
    await bert.page.goto(`${news}/`)
    check('logout everywhere: the other user stays', (await bert.says()).includes('You are bert'), await bert.says())

    await Promise.all([bert.page.waitForURL(url => url.href.startsWith(`${id}/end`)), bert.page.evaluate(end => {
      const form = document.body.appendChild(document.createElement('form'))
      Object.assign(form, { method: 'post', action: end })
      form.appendChild(Object.assign(document.createElement('input'), { name: 'client_id', value: 'news' }))
      form.submit()
    }, `${id}/end`)])
    check('logout by a form of an application: the provider knows whose', (await bert.says()).includes('Log out everywhere'), await bert.says())
    await bert.page.goto(`${id}/end`)
    await bert.picture('provider-logout')
    await bert.page.click('text=Log out everywhere')
    check('logout at the provider: by a click on its own page', (await bert.says()).includes('You are logged out'), await bert.says())
    await bert.page.goto(`${news}/`)
    check('logout at the provider: the application\'s session ended too', (await bert.says()).includes('Nobody is logged in'), await bert.says())
  },
}

await tell(stories, async () => {
  for (const one of open) await one.close()
  await cleanUp()
})
