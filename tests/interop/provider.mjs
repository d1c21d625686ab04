// examples/single_sign_on/provider.cpp with the npm library `openid-client` as relying party, and with two of signet's own
// applications: code flow with PKCE, silent authentication, single sign-on, RP-initiated and back-channel logout.
// Usage: node provider.mjs PATH_TO_PROVIDER PATH_TO_APPLICATION. Ends with "N passed, N failed".
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import * as jose from 'jose';
import * as openid from 'openid-client';
import { Browser, check, folder, freePort, listening, request, run, tell, tls } from './network.mjs';

const [program, application] = process.argv.slice(2);

// --- two clients by openid-client, whose logout tokens are heard here, and two applications of signet

const heard = [];
const ears = https.createServer({ key: tls.key, cert: tls.cert }, async (asked, answer) => {
  let text = '';
  for await (const part of asked) text += part;
  heard.push({ client: asked.url.slice(1), token: new URLSearchParams(text).get('logout_token') });
  answer.end();
});
const ear = `https://localhost:${await listening(ears)}`;
const issuer = `https://id.localhost:${await freePort()}`;
const shop = `https://shop.localhost:${await freePort()}`, news = `https://news.localhost:${await freePort()}`;
const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const key = { ...await jose.exportJWK(privateKey), alg: 'ES256', kid: 'desk-1', use: 'sig' };
const { kty, crv, x, y, alg, kid, use } = key;
const jwks = { keys: [{ kty, crv, x, y, alg, kid, use }] };
const callback = 'https://desk.example/callback';
const client = (origin) => ({ redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/`],
  backchannel_logout_uri: `${origin}/backchannel-logout` });
writeFileSync(join(folder, 'shop.jwk'), JSON.stringify(key));
writeFileSync(join(folder, 'clients.json'), JSON.stringify({
  desk: { redirect_uris: [callback], post_logout_redirect_uris: ['https://desk.example/bye'], backchannel_logout_uri: `${ear}/desk`, jwks,
    scopes: ['orders:read', 'offline_access'], resources: ['https://orders.example'] },
  phone: { redirect_uris: ['com.example.phone:/callback'], backchannel_logout_uri: `${ear}/phone` },
  shop: { ...client(shop), jwks },
  news: client(news),
}));
const startProvider = () => run(program, issuer, tls.pem, tls.crt, join(folder, 'clients.json'), 'ann:correct horse', 'bert:battery staple');
const provider = await startProvider();
if (provider.exitCode !== null) throw new Error(provider.log);

// --- who asks

const fetchLike = (url, options) => request(String(url), options);
const config = (id, proof) => openid.discovery(new URL(issuer), id, {}, proof, { [openid.customFetch]: fetchLike });
const desk = await config('desk', openid.PrivateKeyJwt({ key: privateKey, kid: 'desk-1' }));
const phone = await config('phone', openid.None());
const redirectUri = (self) => self === desk ? callback : 'com.example.phone:/callback';

// A login that was begun: the URL, and what the client keeps until the answer.
const begin = async (self, more = {}) => {
  const kept = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
  const url = openid.buildAuthorizationUrl(self, { redirect_uri: redirectUri(self), scope: 'openid', state: kept.expectedState, nonce: kept.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(kept.pkceCodeVerifier), code_challenge_method: 'S256', ...more });
  return { self, kept, url: url.href };
};
const atClient = (self) => (url) => url.startsWith(redirectUri(self));
const field = (page) => page.text.match(/name="request" value="([^"]*)"/)?.[1].replaceAll('&amp;', '&');
// The browser up to the answer, through the login page if the provider shows it.
const answerTo = async (browser, login, { name = 'ann', password = 'correct horse', origin = issuer } = {}) => {
  let page = await browser.go(login.url, { stop: atClient(login.self) });
  page.asked = Boolean(page.text?.includes('type="password"'));
  if (!page.asked) return page;
  browser.origin = origin;
  page = await browser.go(`${issuer}/login`, { form: { request: field(page), user: name, password }, stop: atClient(login.self) });
  page.asked = true;
  return page;
};
const exchange = (login, url, more = {}) => openid.authorizationCodeGrant(login.self, new URL(url), { ...login.kept, ...more });
const refusal = (promise) => promise.then(() => 'no error', (error) => error.error ?? error.code ?? String(error));
// A login in the second in which a request arrives counts as an answer to it.
const nextSecond = () => new Promise((done) => setTimeout(done, 1100));
const errorIn = (page) => page.url && new URL(page.url).searchParams.get('error');
const isUser = (page, name = 'ann') => page.status === 200 && page.text.includes(`<b>${name}</b>`);
const isNobody = (page) => page.status === 401 && page.text.includes('Nobody is logged in');

const stories = {
  async 'discovery'() {
    const metadata = desk.serverMetadata();
    check('discovery: openid-client takes it', metadata.issuer === issuer && metadata.token_endpoint === `${issuer}/token`, metadata);
    check('discovery: code, S256, and logout', metadata.supportsPKCE() && metadata.response_types_supported.join() === 'code'
      && metadata.backchannel_logout_session_supported && metadata.end_session_endpoint === `${issuer}/end`, metadata);
    const keys = jose.createLocalJWKSet(await (await request(metadata.jwks_uri)).json());
    check('keys: one, for signatures', keys.jwks().keys.length === 1 && keys.jwks().keys[0].use === 'sig' && !keys.jwks().keys[0].d, keys.jwks());
  },

  async 'login'() {
    const ann = new Browser();
    let login = await begin(desk, { prompt: 'none' });
    check('silent: login_required where nobody is logged in', errorIn(await answerTo(ann, login)) === 'login_required', ann.seen);
    check('silent: openid-client reads it', await refusal(exchange(login, ann.seen.at(-1))) === 'login_required');

    login = await begin(desk);
    const wrong = await answerTo(ann, login, { password: 'wrong horse' });
    check('login: a wrong password', wrong.status === 401, wrong);
    check('login: a form of another site', (await answerTo(ann, login, { origin: 'https://evil.example' })).status === 400, ann.seen);
    let page = await answerTo(ann, login);
    check('login: the page was shown, and the answer names its issuer', page.asked && new URL(page.url).searchParams.get('iss') === issuer, page);
    check('login: the session\'s cookie', /Secure; HttpOnly; SameSite=Lax/.test(ann.cookie(issuer, '__Host-id')?.line), ann.cookie(issuer, '__Host-id'));
    const tokens = await exchange(login, page.url);
    const claims = tokens.claims();
    check('login: private_key_jwt, and an ID token that openid-client accepts', claims.sub === 'ann' && claims.aud === 'desk' && claims.sid.length === 22, claims);
    check('login: at_hash and auth_time', typeof claims.at_hash === 'string' && Math.abs(claims.auth_time - Date.now() / 1000) < 60, claims);
    check('login: an access token of the same login', jose.decodeJwt(tokens.access_token).sid === claims.sid && tokens.token_type === 'bearer', tokens);

    login = await begin(desk, { prompt: 'none', id_token_hint: tokens.id_token });
    page = await answerTo(ann, login);
    check('silent: a code without a page', !page.asked && (await exchange(login, page.url)).claims().sid === claims.sid, page);
    login = await begin(phone);
    page = await answerTo(ann, login);
    check('single sign-on: a public client, without a page', !page.asked && (await exchange(login, page.url)).claims().sub === 'ann', page);

    await nextSecond();
    login = await begin(desk, { prompt: 'login' });
    page = await answerTo(ann, login);
    check('prompt=login: the page all the same', page.asked && (await exchange(login, page.url)).claims().sub === 'ann', page);
    await nextSecond();
    login = await begin(desk, { max_age: '0' });
    page = await answerTo(ann, login);
    check('max_age=0: the page all the same', page.asked && (await exchange(login, page.url, { maxAge: 0 })).claims().sub === 'ann', page);

    const bert = new Browser();
    check('silent: bert logs in', (await answerTo(bert, await begin(phone), { name: 'bert', password: 'battery staple' })).asked);
    login = await begin(desk, { prompt: 'none', id_token_hint: tokens.id_token });
    check('silent: bert is no answer about ann', errorIn(await answerTo(bert, login)) === 'login_required', bert.seen);
  },

  async 'requests that are refused'() {
    const ann = new Browser();
    const login = await begin(desk);
    const without = async (more) => {
      const url = new URL(login.url);
      for (const [name, value] of Object.entries(more)) value === null ? url.searchParams.delete(name) : url.searchParams.set(name, value);
      return ann.go(url.href, { stop: atClient(desk) });
    };
    for (const [what, more] of Object.entries({ 'another redirect URI': { redirect_uri: 'https://evil.example/callback' }, 'an unknown client': { client_id: 'evil' },
      'no client': { client_id: null }, 'the redirect URI of another client': { redirect_uri: redirectUri(phone) } })) {
      const page = await without(more);
      check(`refused, and the browser stays: ${what}`, page.status === 400 && ann.seen.length === 1, page);
    }
    for (const [what, more, error] of [['no PKCE', { code_challenge: null }, 'invalid_request'], ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['an implicit flow', { response_type: 'id_token token' }, 'unsupported_response_type'], ['no openid', { scope: 'profile' }, 'invalid_scope'],
      ['a request object', { request: 'e30.e30.' }, 'request_not_supported'], ['prompt=none with another', { prompt: 'none login' }, 'invalid_request']]) {
      const page = await without(more);
      check(`refused, and the client is told: ${what}`, errorIn(page) === error && new URL(page.url).searchParams.get('state') === login.kept.expectedState, page);
    }
  },

  async 'what a client may ask for'() {
    const ann = new Browser();
    let login = await begin(desk, { scope: 'openid orders:read orders:write', resource: 'https://orders.example' });
    const tokens = await exchange(login, (await answerTo(ann, login)).url);
    const access = jose.decodeJwt(tokens.access_token);
    check('scope: what the client is registered for, and it is told', access.scope === 'openid orders:read' && tokens.scope === access.scope, tokens);
    check('resource: the audience of the access token', access.aud === 'https://orders.example', access);
    login = await begin(desk, { resource: 'https://payroll.example' });
    check('resource: of which the client knows nothing', errorIn(await answerTo(ann, login)) === 'invalid_target', ann.seen);
    login = await begin(phone, { scope: 'openid orders:read', resource: 'https://orders.example' });
    check('resource: of another client', errorIn(await answerTo(ann, login)) === 'invalid_target', ann.seen);
  },

  async 'another login in the same browser'() {
    const ann = new Browser();
    let login = await begin(phone);
    const { sid, auth_time: first } = (await exchange(login, (await answerTo(ann, login)).url)).claims();
    const cookie = ann.cookie(issuer, '__Host-id').value;
    await nextSecond();
    heard.length = 0;
    login = await begin(desk, { prompt: 'login' });
    const again = (await exchange(login, (await answerTo(ann, login)).url)).claims();
    check('login again: the session goes on, by a new cookie', again.sid === sid && ann.cookie(issuer, '__Host-id').value !== cookie, again);
    check('login again: no application is told of a logout', heard.length === 0, heard);
    check('login again: it is the time of this login', again.auth_time > first, again);
    await nextSecond();
    login = await begin(desk, { prompt: 'login' });
    const bert = (await exchange(login, (await answerTo(ann, login, { name: 'bert', password: 'battery staple' })).url)).claims();
    check('another user: a session of his own', bert.sub === 'bert' && bert.sid !== sid, bert);
    check('another user: the applications are told that hers ended', heard.length === 2 && heard.every(({ token }) => jose.decodeJwt(token).sid === sid), heard);
  },

  async 'guessed passwords'() {
    let page;
    for (let i = 0; i < 11; ++i) page = await answerTo(new Browser(), await begin(desk), { name: 'carl', password: `guess ${i}` });
    check('login: the eleventh guess in a minute is not looked at', page.status === 429, page);
    check('login: other users are', (await answerTo(new Browser(), await begin(desk))).url?.startsWith(callback));
  },

  async 'codes'() {
    const ann = new Browser();
    const code = async (self = desk) => {
      const login = await begin(self);
      return { login, url: (await answerTo(ann, login)).url };
    };
    let { login, url } = await code();
    check('code: another verifier', await refusal(exchange(login, url, { pkceCodeVerifier: openid.randomPKCECodeVerifier() })) === 'invalid_grant');
    check('code: of another client', await refusal(exchange({ ...login, self: phone }, url)) === 'invalid_grant');
    const assertion = async (more = {}) => new jose.SignJWT({ iss: 'desk', sub: 'desk', aud: issuer, jti: crypto.randomUUID(), ...more })
      .setProtectedHeader({ alg: 'ES256', kid: 'desk-1' }).setIssuedAt().setExpirationTime('1m').sign(privateKey);
    const post = async (form) => {
      const got = await request(`${issuer}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'desk', redirect_uri: callback,
        code: new URL(url).searchParams.get('code'), code_verifier: login.kept.pkceCodeVerifier,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', ...form }) });
      return { status: got.status, cache: got.headers.get('cache-control'), ...await got.json() };
    };
    check('client: no assertion', (await post({ client_assertion_type: '' })).error === 'invalid_client');
    check('client: the type of an assertion, and none', (await post({})).error === 'invalid_request');
    check('client: an assertion for another audience', (await post({ client_assertion: await assertion({ aud: 'https://evil.example' }) })).error === 'invalid_client');
    check('client: an assertion about another client', (await post({ client_assertion: await assertion({ sub: 'phone' }) })).error === 'invalid_client');
    const one = await assertion();
    check('code: another redirect URI', (await post({ client_assertion: one, redirect_uri: 'https://desk.example/other' })).error === 'invalid_grant');
    check('client: an assertion for the second time', (await post({ client_assertion: one })).error === 'invalid_client');
    check('grant: another one', (await post({ client_assertion: await assertion(), grant_type: 'password' })).error === 'unsupported_grant_type');
    const taken = await post({ client_assertion: await assertion() });
    check('code: none of these used it up, and no cache keeps the answer', taken.status === 200 && taken.cache === 'no-store', taken);

    heard.length = 0;
    const again = await post({ client_assertion: await assertion() });
    check('code: the second use is refused', again.status === 400 && again.error === 'invalid_grant', again);
    check('code: and ends the session everywhere', heard.length === 2 && heard.every(({ token }) => jose.decodeJwt(token).sid === jose.decodeJwt(taken.id_token).sid), heard);
    await post({ client_assertion: await assertion() });
    check('code: the third use tells nobody again', heard.length === 2, heard);
    login = await begin(desk, { prompt: 'none' });
    check('code: the provider\'s session too', errorIn(await answerTo(ann, login)) === 'login_required', ann.seen);
  },

  async 'a code of a session that has ended'() {
    const ann = new Browser();
    const login = await begin(phone);
    const { url } = await answerTo(ann, login);
    const page = await ann.go(`${issuer}/end`);
    await ann.go(`${issuer}/logout`, { form: { request: field(page) } });
    check('code: of a session that has ended since', await refusal(exchange(login, url)) === 'invalid_grant');
  },

  async 'refresh tokens'() {
    const ann = new Browser();
    let login = await begin(desk, { scope: 'openid orders:read' });
    let { url } = await answerTo(ann, login);
    check('refresh: no token without offline_access', !(await exchange(login, url)).refresh_token);
    login = await begin(phone, { scope: 'openid offline_access' });
    ({ url } = await answerTo(ann, login));
    check('refresh: no token for a client that is not registered for it', !(await exchange(login, url)).refresh_token);
    login = await begin(desk, { scope: 'openid orders:read offline_access', resource: 'https://orders.example' });
    ({ url } = await answerTo(ann, login));
    const first = await exchange(login, url);
    const resource = { resource: 'https://orders.example' };
    const next = await openid.refreshTokenGrant(desk, first.refresh_token, { ...resource, scope: 'orders:read' });
    const access = jose.decodeJwt(next.access_token);
    check('refresh: a new token, and an access token of the same login', next.refresh_token !== first.refresh_token && access.sub === 'ann'
      && access.aud === resource.resource && access.scope === 'orders:read' && access.sid === first.claims().sid, access);
    check('refresh: by another client', await refusal(openid.refreshTokenGrant(phone, next.refresh_token, resource)) === 'invalid_grant');
    check('refresh: for another resource', await refusal(openid.refreshTokenGrant(desk, next.refresh_token, { resource: 'https://payroll.example' })) === 'invalid_target');
    check('refresh: for more scope', await refusal(openid.refreshTokenGrant(desk, next.refresh_token, { ...resource, scope: 'orders:write' })) === 'invalid_scope');
    check('refresh: the second use of the code', await refusal(exchange(login, url)) === 'invalid_grant');
    check('refresh: ends the refresh tokens too', await refusal(openid.refreshTokenGrant(desk, next.refresh_token, resource)) === 'invalid_grant');
  },

  async 'logout'() {
    const ann = new Browser();
    const login = await begin(desk);
    const tokens = await exchange(login, (await answerTo(ann, login)).url);
    const end = (more) => openid.buildEndSessionUrl(desk, { post_logout_redirect_uri: 'https://desk.example/bye', state: 'a b', ...more }).href;
    const leave = (url) => url.startsWith('https://desk.example/');
    heard.length = 0;
    const other = new Browser();
    await answerTo(other, await begin(phone));
    for (const [what, more] of Object.entries({ 'without a hint': {}, 'with a hint of another session': { id_token_hint: 'e30.e30.AA' } })) {
      const page = await ann.go(end(more), { stop: leave });
      check(`logout: ${what} the user is asked`, page.status === 200 && page.text.includes('Log out everywhere') && heard.length === 0, page);
    }
    check('logout: another session\'s browser is asked too', (await other.go(end({ id_token_hint: tokens.id_token }), { stop: leave })).status === 200, other.seen);
    check('logout: to another URI', (await ann.go(end({ id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://evil.example/' }))).status === 400, ann.seen);
    const page = await ann.go(end({ id_token_hint: tokens.id_token }), { stop: leave });
    check('logout: with a hint at once, and back with the state', page.url === 'https://desk.example/bye?state=a%20b', page);
    check('logout: both clients are told', heard.map(({ client }) => client).sort().join() === 'desk,phone', heard);
    const keys = jose.createLocalJWKSet(await (await request(`${issuer}/keys`)).json());
    for (const { client, token } of heard) {
      const { payload } = await jose.jwtVerify(token, keys, { issuer, audience: client, typ: 'logout+jwt', requiredClaims: ['iat', 'jti', 'exp', 'events'] });
      check(`back-channel: jose verifies the token of ${client}`, payload.sid === tokens.claims().sid && !('nonce' in payload)
        && 'http://schemas.openid.net/event/backchannel-logout' in payload.events, payload);
    }
    check('logout: nobody is logged in', errorIn(await answerTo(ann, await begin(desk, { prompt: 'none' }))) === 'login_required');
    check('logout: the session of the other browser stays', !(await answerTo(other, await begin(phone))).asked);

    // A form of another site's page: browsers do not send the cookie, which is Lax, but do when they are sent on by GET.
    for (const path of ['authorize', 'end']) {
      const form = path === 'end' ? new URL(end({})).search.slice(1) : new URL((await begin(desk)).url).search.slice(1);
      const got = await request(`${issuer}/${path}`, { method: 'POST', body: form });
      check(`POST without a cookie: asked again by GET: /${path}`, got.status === 303 && got.headers.get('location') === `${issuer}/${path}?${form}`, got.headers.get('location'));
      const split = await request(`${issuer}/${path}`, { method: 'POST', body: `${form}&x=\r\nSet-Cookie: a=b` });
      check(`POST without a cookie: but not by a text that is none of a URL: /${path}`, !split.headers.has('location') && !split.headers.has('set-cookie'), [...split.headers]);
    }

    const asked = await other.go(`${issuer}/end`, {});
    other.origin = 'https://evil.example';
    check('logout: a form of another site ends nothing', (await other.go(`${issuer}/logout`, { form: { request: field(asked) } })).status >= 400);
    other.origin = issuer;
    check('logout: the user\'s own click', (await other.go(`${issuer}/logout`, { form: { request: field(asked) } })).text.includes('logged out'), other.seen);
    check('logout: nobody is logged in there either', (await answerTo(other, await begin(phone, { prompt: 'none' })), errorIn({ url: other.seen.at(-1) }) === 'login_required'));
  },

  async 'two applications of signet'() {
    await run(application, issuer, 'shop', shop, tls.pem, tls.crt, join(folder, 'shop.jwk'));
    await run(application, issuer, 'news', news, tls.pem, tls.crt);
    const ann = new Browser();
    check('single sign-on: nobody is logged in', isNobody(await ann.go(`${shop}/`)), ann.seen);
    let page = await ann.go(`${shop}/login`);
    ann.origin = issuer;
    page = await ann.go(`${issuer}/login`, { form: { request: field(page), user: 'ann', password: 'correct horse' } });
    check('single sign-on: she logs in once', isUser(page) && page.url === `${shop}/`, page);
    check('single sign-on: and is logged in at the other application by opening a page', isUser(await ann.go(`${news}/`)), ann.seen);
    page = await ann.go(`${shop}/logout`, { form: {} });
    check('logout everywhere: back at the application, where nobody is logged in', isNobody(page) && page.url.startsWith(shop), page);
    check('logout everywhere: at the other application too', isNobody(await ann.go(`${news}/`)), ann.seen);

    await new Promise((done) => { provider.removeAllListeners('exit'), provider.on('exit', done), provider.kill(); });
    await startProvider();
    page = await ann.go(`${shop}/login`);
    page = await ann.go(`${issuer}/login`, { form: { request: field(page), user: 'ann', password: 'correct horse' } });
    check('restart: applications find the keys of the new run', isUser(page), page);
  },
};

await tell(stories, () => { ears.close(), ears.closeAllConnections(); });
