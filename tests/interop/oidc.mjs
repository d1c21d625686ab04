// examples/single_sign_on/application.cpp, twice, at the npm library `oidc-provider`: code flow with PKCE, silent
// authentication, logout by the application and by the provider.
// Usage: node oidc.mjs PATH_TO_APPLICATION. Ends with "N passed, N failed".
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import * as jose from 'jose';
import { Provider } from 'oidc-provider';
import { Browser, certificate, check, folder, freePort, listening, request, run, tell, tls } from './network.mjs';

console.info = console.warn = () => {}; // oidc-provider speaks of each default that it uses
const program = process.argv[2], stranger = certificate('stranger');

// --- the provider, and what it knows of the two applications

const pair = async (alg, kid) => {
  const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { ...await jose.exportJWK(privateKey), alg, kid, use: 'sig' };
};
const publicPart = ({ kty, crv, x, y, alg, kid, use }) => ({ kty, crv, x, y, alg, kid, use });
const keys = { RS256: await pair('RS256', 'r1'), ES256: await pair('ES256', 'e1') };
const clientKey = await pair('ES256', 'shop-1');
writeFileSync(join(folder, 'shop.jwk'), JSON.stringify(clientKey));

const front = https.createServer({ key: tls.key, cert: tls.cert });
const issuer = `https://localhost:${await listening(front)}`;
const shop = `https://shop.localhost:${await freePort()}`, news = `https://news.localhost:${await freePort()}`;
const client = (id, origin, more) => ({ client_id: id, redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/`],
  backchannel_logout_uri: `${origin}/backchannel-logout`, grant_types: ['authorization_code'], response_types: ['code'], ...more });
const sent = []; // the logout tokens, and to whom
let twist; // what becomes of an ID token before it leaves the token endpoint
const provider = new Provider(issuer, {
  clients: [
    client('shop', shop, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicPart(clientKey)] },
      backchannel_logout_session_required: true }),
    client('news', news, { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' }),
  ],
  jwks: { keys: Object.values(keys) },
  cookies: { keys: ['interop'] },
  pkce: { required: () => true },
  features: { backchannelLogout: { enabled: true } },
  fetch: (url, options) => {
    sent.push({ url: String(url), token: options.body.get('logout_token') });
    return request(url, options);
  },
});
const told = [], faults = [];
provider.on('backchannel.success', (_, { clientId }) => told.push(clientId));
provider.on('backchannel.error', (_, error, { clientId }) => faults.push(`${clientId}: ${error}`));
provider.on('server_error', (_, error) => faults.push(String(error.stack)));
provider.use(async (ctx, next) => {
  await next();
  if (twist && ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = await twist(jose.decodeJwt(ctx.body.id_token), ctx.body.id_token);
});
front.on('request', provider.callback());
const signed = async (claims, header, key = keys.RS256) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(await jose.importJWK(key, key.alg));

// --- the applications

const start = (id, origin, ca, key = []) => run(program, issuer, id, origin, tls.pem, ca, ...key);

const isUser = (page, name = 'ann') => page.status === 200 && page.text.includes(`<b>${name}</b>`);
const isNobody = (page) => page.status === 401 && page.text.includes('Nobody is logged in');
const isRefused = (page, why) => page.status >= 400 && page.text.includes(why);
const parameters = (browser, start) => new URL(browser.seen.find((url) => url.startsWith(start)) ?? 'about:blank').searchParams;

// Answers the provider's own forms, as far as it asks: who one is, and whether the application may know.
const logIn = async (browser, app, name = 'ann', where = '/login') => {
  let page = await browser.go(`${app}${where}`);
  page.asked = [];
  for (let i = 0; i < 3 && page.url.startsWith(`${issuer}/interaction/`); ++i) {
    const { asked } = page, prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1];
    page = await browser.go(page.url, { form: prompt === 'login' ? { prompt, login: name, password: 'x' } : { prompt } });
    page.asked = [...asked, prompt];
  }
  return page;
};
// As far as the answer, which is left for the test to change.
const untilAnswer = (browser, app, where = '/login') => browser.go(`${app}${where}`, { stop: (url) => url.startsWith(`${app}/callback`) });
const changed = (url, name, value) => {
  const other = new URL(url);
  other.searchParams.set(name, value);
  return other.href;
};

// Whether a session of the shop is over, for whoever kept its cookie.
const hasEnded = async ({ line }) => {
  const thief = new Browser();
  thief.keep('shop.localhost', line);
  return isNobody(await thief.go(`${shop}/`));
};

const stories = {
  async 'start'() {
    const refused = await start('shop', shop, stranger.crt);
    check('a provider with a stranger\'s certificate is none', refused.exitCode === 1 && refused.log.includes(issuer), refused.log);
    await start('shop', shop, tls.crt, [join(folder, 'shop.jwk')]);
    await start('news', news, tls.crt);
  },

  async 'login'() {
    const ann = new Browser();
    check('silent: login_required where nobody is logged in', isNobody(await ann.go(`${shop}/`)), ann.seen);
    check('silent: the provider was asked with prompt=none', parameters(ann, `${issuer}/auth`).get('prompt') === 'none', ann.seen);
    check('silent: the answer was login_required, of this issuer', parameters(ann, `${shop}/callback`).get('error') === 'login_required'
      && parameters(ann, `${shop}/callback`).get('iss') === issuer, ann.seen);

    await ann.go(`${shop}/login`);
    const asked = parameters(ann, `${issuer}/auth`);
    check('login: code flow with PKCE, state and nonce', asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256'
      && ['code_challenge', 'state', 'nonce'].every((name) => asked.get(name)?.length === 43), [...asked]);
    check('login: the cookie of its state', /__Host-login=.*Secure; HttpOnly; SameSite=Lax/.test(ann.cookie(shop, '__Host-login')?.line), ann.cookie(shop, '__Host-login')?.line);
    const page = await logIn(ann, shop);
    check('login: by RS256 and private_key_jwt', isUser(page) && page.url === `${shop}/`, page);
    check('login: the session\'s cookie', /Secure; HttpOnly; SameSite=Lax/.test(ann.cookie(shop, '__Host-sid')?.line), ann.cookie(shop, '__Host-sid')?.line);
    check('login: the state\'s cookie is gone', !ann.cookie(shop, '__Host-login'));
    const before = ann.cookie(shop, '__Host-sid')?.value;
    check('silent: a code where she is logged in', isUser(await ann.go(`${shop}/silent?return_to=/`)), ann.seen);
    check('silent: the session has a new id, and no form was shown', ann.cookie(shop, '__Host-sid')?.value !== before && ann.seen.length === 4, ann.seen);

    const second = await logIn(ann, news);
    check('login: another application, by ES256 and as a public client', isUser(second), second);
    check('login: its user was not asked for a password', second.asked.join() === 'consent', second.asked);
    ann.forget(news);
    check('silent: logged in by opening a page', isUser(await ann.go(`${news}/`)) && parameters(ann, `${news}/callback`).has('code'), ann.seen);
    check('login: return_to is a page of this application', isRefused(await ann.go(`${shop}/login?return_to=https://evil.example/`), 'out_of_range'), ann.seen);
  },

  async 'answers that are not to this login'() {
    const ann = new Browser();
    check('refusals: ann', isUser(await logIn(ann, shop)));
    const answer = async () => {
      ann.forget(shop);
      return (await untilAnswer(ann, shop)).url;
    };
    let url = await answer();
    check('refusals: another state', isRefused(await ann.go(changed(url, 'state', 'x'.repeat(43))), 'login_state_mismatch'), ann.seen);
    check('refusals: another issuer', isRefused(await ann.go(changed(url, 'iss', 'https://evil.example')), 'login_state_mismatch'), ann.seen);
    check('refusals: a browser that began no login', isRefused(await new Browser().go(url), 'login_state_mismatch'));
    const other = new Browser();
    await other.go(`${shop}/login`);
    check('refusals: a browser that began another login', isRefused(await other.go(url), 'login_state_mismatch'));
    const earlier = new URL(url).searchParams.get('code');
    url = await answer();
    check('refusals: the code of another login, by PKCE', isRefused(await ann.go(changed(url, 'code', earlier)), 'login_refused'), ann.seen);
    url = await answer();
    const kept = { ...ann.cookie(shop, '__Host-login') };
    check('refusals: the right answer is taken', isUser(await ann.go(url)));
    ann.keep('shop.localhost', kept.line);
    check('refusals: a code for the second time', isRefused(await ann.go(url), 'login_refused'), ann.seen);
  },

  async 'ID tokens that are not for this login'() {
    const ann = new Browser();
    check('ID tokens: ann', isUser(await logIn(ann, shop)));
    const forged = await pair('RS256', 'r1');
    const cases = {
      login_state_mismatch: (claims) => signed({ ...claims, nonce: 'x'.repeat(43) }),
      claim_missing: ({ sub, ...claims }) => signed(claims),
      wrong_audience: (claims) => signed({ ...claims, aud: 'news' }),
      wrong_issuer: (claims) => signed({ ...claims, iss: 'https://evil.example' }),
      expired: (claims) => signed({ ...claims, exp: claims.iat - 60 }),
      login_mismatch: (claims) => signed({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
      bad_signature: (claims) => signed(claims, {}, forged),
      unsigned_token: async (claims) => new jose.UnsecuredJWT(claims).encode(),
      json_member_missing: async () => '',
    };
    for (const [why, change] of Object.entries(cases)) {
      ann.forget(shop);
      twist = change;
      const page = await ann.go(`${shop}/`);
      check(`ID tokens: ${why}`, isRefused(page, why) && !ann.cookie(shop, '__Host-sid'), page);
    }
    twist = undefined;
    check('ID tokens: ann again', isUser(await ann.go(`${shop}/`)));
    const before = ann.cookie(shop, '__Host-sid')?.value;
    twist = (claims) => signed({ ...claims, sub: 'bert' });
    check('ID tokens: a silent answer about another user', isRefused(await ann.go(`${shop}/silent`), 'subject_mismatch'), ann.seen);
    twist = undefined;
    check('ID tokens: her session stays', isUser(await ann.go(`${shop}/`)) && ann.cookie(shop, '__Host-sid')?.value === before);
  },

  async 'logout'() {
    const ann = new Browser(), phone = new Browser();
    for (const one of [ann, phone]) check('logout: ann at both', isUser(await logIn(one, shop)) && isUser(await logIn(one, news)));
    const kept = { ...ann.cookie(shop, '__Host-sid') };
    sent.length = told.length = 0;
    let page = await ann.go(`${shop}/logout`, { form: {} });
    const asked = parameters(ann, `${issuer}/session/end`);
    check('logout: the provider is told whom and whereto', jose.decodeJwt(asked.get('id_token_hint') ?? '').sub === 'ann'
      && asked.get('client_id') === 'shop' && asked.get('post_logout_redirect_uri') === `${shop}/`, ann.seen);
    check('logout: the session here ended first', await hasEnded(kept));
    check('logout: the other application still has its own', isUser(await ann.go(`${news}/`)) && ann.seen.length === 1, ann.seen);
    const xsrf = /name="xsrf" value="(\w+)"/.exec(page.text)?.[1];
    page = await ann.go(`${issuer}/session/end/confirm`, { form: { xsrf, logout: 'yes' } });
    check('logout: the browser is sent back, and nobody is logged in', isNobody(page) && ann.seen[1] === `${shop}/`, ann.seen);
    check('back-channel: the provider told both, and both heard it', told.sort().join() === 'news,shop' && faults.length === 0, { told, faults });
    check('back-channel: the other application\'s session ended', isNobody(await ann.go(`${news}/`)), ann.seen);
    // shop was told the session, news the user.
    check('back-channel: by sid, the session of another browser stays', isUser(await phone.go(`${shop}/`)) && phone.seen.length === 1, phone.seen);
    check('back-channel: by sub, those of all browsers end', (await phone.go(`${news}/`), phone.seen.length > 1), phone.seen);

    const back = new Browser();
    check('back-channel: ann logs in again', isUser(await logIn(back, news)) && isUser(await logIn(back, shop)));
    const post = async (app, logout_token) => (await request(`${app}/backchannel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token }),
      headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status;
    for (const { url, token } of sent) check(`back-channel: refused the second time: ${url}`, await post(new URL(url).origin, token) === 400);
    check('back-channel: what was replayed ended nothing', isUser(await back.go(`${news}/`)) && back.seen.length === 1, back.seen);

    const token = sent.find(({ url }) => url.startsWith(shop)).token, claims = jose.decodeJwt(token), typ = 'logout+jwt';
    let sid;
    twist = async (id, text) => { sid = id.sid; return text; };
    await back.go(`${shop}/silent`);
    twist = undefined;
    const fresh = (more = {}) => ({ ...claims, sub: undefined, sid, jti: crypto.randomUUID(), ...more });
    check('back-channel: the ID token has the session', typeof sid === 'string');
    check('back-channel: another client\'s', await post(shop, await signed(fresh({ aud: 'news' }), { typ })) === 400);
    check('back-channel: one with a nonce', await post(shop, await signed(fresh({ nonce: 'n' }), { typ })) === 400);
    check('back-channel: one without an event', await post(shop, await signed(fresh({ events: {} }), { typ })) === 400);
    check('back-channel: one of another type', await post(shop, await signed(fresh(), { typ: 'JWT' })) === 400);
    check('back-channel: one of ten minutes ago', await post(shop, await signed(fresh({ iat: claims.iat - 600 }), { typ })) === 400);
    check('back-channel: a forged one', await post(shop, await signed(fresh(), { typ }, await pair('RS256', 'r1'))) === 400);
    check('back-channel: no token', await post(shop, '') === 400);
    check('back-channel: none of these ended the session', isUser(await back.go(`${shop}/`)) && back.seen.length === 1, back.seen);
    check('back-channel: the right one', await post(shop, await signed(fresh(), { typ })) === 200);
    check('back-channel: ended it, while the provider\'s lasts', isUser(await back.go(`${shop}/`)) && back.seen.length > 1, back.seen);
  },

  async 'a session that ended at the provider alone'() {
    const ann = new Browser();
    check('silent: ann', isUser(await logIn(ann, shop)));
    const kept = { ...ann.cookie(shop, '__Host-sid') };
    ann.forget(issuer);
    check('silent: login_required ends the session here', isNobody(await ann.go(`${shop}/silent`)) && await hasEnded(kept), ann.seen);
    check('silent: ann again, then bert at the provider', isUser(await logIn(ann, shop)) && (ann.forget(issuer), isUser(await logIn(ann, news, 'bert'), 'bert')));
    check('silent: another user is no answer about ann', isNobody(await ann.go(`${shop}/silent`))
      && parameters(ann, `${shop}/callback`).get('error') === 'login_required', ann.seen);
  },
};

await tell(stories, () => {
  check('the provider met no fault', faults.length === 0, faults);
  front.close();
  front.closeAllConnections();
});
