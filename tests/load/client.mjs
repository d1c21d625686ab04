// SPDX-License-Identifier: BSL-1.0
// A client of the demo site that does what a browser with bound sessions does, thousands of times if need be.
import { generateKeyPairSync, sign } from 'node:crypto'
import https from 'node:https'

const agent = new https.Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false }) // the site's certificate is its own
const base64url = data => Buffer.from(data).toString('base64url')

export class Client {
  cookies = new Map()
  constructor(origin, port) {
    this.origin = origin
    this.port = port // of the instance that is asked; the test moves clients from one to another
  }

  cookieField = () => [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

  // Status and fields. A connection that breaks is status 0.
  request(method, path, { headers = {}, body = '' } = {}) {
    return new Promise(resolve => {
      const ask = https.request({ agent, host: '127.0.0.1', port: this.port, method, path, headers: {
        Host: new URL(this.origin).host, Origin: this.origin, Cookie: this.cookieField(), 'Content-Length': Buffer.byteLength(body), ...headers } }, answer => {
        let text = ''
        answer.on('data', data => text += data)
        answer.on('error', () => resolve({ status: 0, headers: {} }))
        answer.on('end', () => {
          for (const line of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
            if (value) this.cookies.set(name, value)
            else this.cookies.delete(name)
          }
          const challenge = answer.headers['secure-session-challenge']
          if (challenge) this.challenge = /^"([^"]+)"/.exec(challenge)[1]
          resolve({ status: answer.statusCode, headers: answer.headers, body: text })
        })
      })
      ask.on('error', () => resolve({ status: 0, headers: {} }))
      ask.end(body)
    })
  }

  jws(header, payload) {
    const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`
    return `${input}.${base64url(sign('sha256', Buffer.from(input), { key: this.key.privateKey, dsaEncoding: 'ieee-p1363' }))}`
  }

  // Signs up (or logs in) and registers a key, as the answer says.
  async enter(path, user, password) {
    const answer = await this.request('POST', path, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ user, password }).toString() })
    const field = answer.headers['secure-session-registration']
    if (!field) throw new Error(`${path} of ${user}: ${answer.status}`)
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { crv, kty, x, y } = this.key.publicKey.export({ format: 'jwk' })
    const proof = this.jws({ alg: 'ES256', jwk: { crv, kty, x, y }, typ: 'dbsc+jwt' }, { jti: /challenge="([^"]+)"/.exec(field)[1] })
    const registered = await this.request('POST', '/dbsc/register', { headers: { 'Secure-Session-Response': proof } })
    if (registered.status !== 200) throw new Error(`registration of ${user}: ${registered.status}`)
    this.id = JSON.parse(registered.body).session_identifier
  }

  // One refresh as browsers make it: with the challenge that is known, and again where another is asked for. What it ended in.
  async refresh() {
    for (let tries = 0; tries !== 5; ++tries) {
      const proof = this.jws({ alg: 'ES256', typ: 'dbsc+jwt' }, { jti: this.challenge })
      const answer = await this.request('POST', '/dbsc/refresh', { headers: { 'Sec-Secure-Session-Id': this.id, 'Secure-Session-Response': proof } })
      if (answer.status !== 403) return answer.status === 200 && JSON.parse(answer.body).continue === false ? 'ended' : answer.status
    }
    return 403
  }

  work = async () => (await this.request('GET', '/echo', { headers: { Accept: 'application/json' } })).status
}

