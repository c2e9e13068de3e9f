import 'reflect-metadata'
import { createHash, createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { serverResponds } from '@libp2p/http-peer-id-auth'
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { base36 } from 'multiformats/bases/base36'
import type { AutoTlsService } from '#relay/auto-tls/auto-tls.ts'

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DOMAIN = 'libp2p.test'

export interface CertificateServiceInit {
  /** what the registration finds when it connects to the addresses: why it refuses, undefined when all is well */
  readonly refusal?: (addresses: readonly string[]) => Promise<string | undefined>
  /** why the authority takes no order now, undefined when it does */
  readonly orderRefusal?: () => string | undefined
  /** how long the next certificate is good @default 90 days */
  readonly lifeMs?: () => number
}

/** A registration (p2p-forge) and a certificate authority (RFC 8555) on loopback, which check what they are told. */
export interface CertificateService {
  readonly service: AutoTlsService
  /** PEM of the authority */
  readonly authority: string
  /** orders that the authority was asked for, taken or not */
  readonly ordered: () => number
  /** certificates given */
  readonly given: () => number
  close(): Promise<void>
}

interface Order {
  readonly name: string
  readonly token: string
  status: 'pending' | 'ready' | 'valid' | 'invalid'
  certificate?: string
}

interface Jws {
  readonly protected: { readonly jwk?: JsonWebKey; readonly kid?: string; readonly url: string }
  readonly payload: Readonly<Record<string, unknown>> | undefined
}

export async function startCertificateService(
  init: CertificateServiceInit = {},
): Promise<CertificateService> {
  const { refusal = async () => undefined, orderRefusal = () => undefined, lifeMs = () => 90 * DAY_MS } = init
  const authority = await makeAuthority()
  const registrationKey = await generateKeyPair('Ed25519')
  /** what the registration answers for a name in DNS (TXT) */
  const challenges = new Map<string, string>()
  const accounts: JsonWebKey[] = []
  const orders: Order[] = []
  let given = 0
  let ordered = 0

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const at = (path: string) => `http://${host}${path}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v1/_acme-challenge') return register(request, response)
    response.setHeader('Replay-Nonce', randomBytes(12).toString('base64url'))
    if (request.url === '/directory') return json(response, 200, directory(at))
    if (request.method === 'HEAD') return void response.end()
    const jws = readJws(await text(request), accounts)
    const [, kind = '', index = '0'] = (request.url ?? '').split('/')
    const order = orders[Number(index)]
    switch (kind) {
      case 'account':
        accounts.push(jws.protected.jwk as JsonWebKey)
        response.setHeader('Location', at(`/account/${accounts.length - 1}`))
        return json(response, 201, { status: 'valid' })
      case 'orders': {
        ordered++
        const detail = orderRefusal()
        if (detail !== undefined) return json(response, 403, { detail })
        const [{ value }] = (jws.payload as { identifiers: [{ value: string }] }).identifiers
        const name = value.replace(/^\*\./, '')
        orders.push({ name, token: randomBytes(12).toString('base64url'), status: 'pending' })
        response.setHeader('Location', at(`/order/${orders.length - 1}`))
        return json(response, 201, orderOf(orders.length - 1))
      }
      case 'authorization':
        return json(response, 200, authorizationOf(Number(index)))
      case 'challenge':
        if (order !== undefined && order.status === 'pending') order.status = judge(order, jws)
        return json(response, 200, challengeOf(Number(index)))
      case 'finalize':
        if (order?.status !== 'ready') return json(response, 403, { detail: 'the order is not ready' })
        order.certificate = await issue(order.name, String(jws.payload?.csr))
        order.status = 'valid'
        given++
        return json(response, 200, orderOf(Number(index)))
      case 'certificate':
        return void response
          .setHeader('Content-Type', 'application/pem-certificate-chain')
          .end(order?.certificate)
      default:
        return json(response, 200, orderOf(Number(index)))
    }
  }

  async function register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { peerId, authenticate, info } = await serverResponds(
      request.headers.authorization ?? '',
      host,
      registrationKey,
    )
    if (authenticate !== undefined)
      return void response.writeHead(401, { 'WWW-Authenticate': authenticate }).end()
    const { Value: value, Addresses: addresses } = JSON.parse(body)
    const refused = await refusal(addresses)
    if (refused !== undefined) return void response.writeHead(400).end(refused)
    challenges.set(`${base36.encode(peerId.toCID().bytes)}.${DOMAIN}`, value)
    response.writeHead(200, info === undefined ? {} : { 'Authentication-Info': info }).end()
  }

  /** RFC 8555 §8.4: the record holds the digest of token and account. */
  function judge({ name, token }: Order, { protected: { kid = '' } }: Jws): Order['status'] {
    const account = accounts[Number(kid.split('/').at(-1))] as JsonWebKey
    const digest = createHash('sha256')
      .update(`${token}.${thumbprintOf(account)}`)
      .digest('base64url')
    return challenges.get(name) === digest ? 'ready' : 'invalid'
  }

  async function issue(name: string, csr: string): Promise<string> {
    const request = new Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'))
    if (!(await request.verify())) throw new Error('the request is not signed by its own key')
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=*.${name}`,
      issuer: authority.certificate.subject,
      publicKey: request.publicKey,
      signingKey: authority.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      serialNumber: randomBytes(8).toString('hex'),
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + lifeMs()),
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: `*.${name}` }])],
    })
    return `${certificate.toString('pem')}\n${authority.certificate.toString('pem')}\n`
  }

  const challengeOf = (index: number) => ({
    type: 'dns-01',
    url: at(`/challenge/${index}`),
    token: orders[index]?.token,
    status: orders[index]?.status === 'ready' ? 'valid' : orders[index]?.status,
  })
  const authorizationOf = (index: number) => ({
    status: challengeOf(index).status,
    identifier: { type: 'dns', value: orders[index]?.name },
    wildcard: true,
    challenges: [challengeOf(index)],
  })
  const orderOf = (index: number) => ({
    status: orders[index]?.status,
    identifiers: [{ type: 'dns', value: `*.${orders[index]?.name}` }],
    authorizations: [at(`/authorization/${index}`)],
    finalize: at(`/finalize/${index}`),
    ...(orders[index]?.certificate === undefined ? {} : { certificate: at(`/certificate/${index}`) }),
  })

  return {
    service: { registration: at('/'), domain: DOMAIN, acmeDirectory: at('/directory') },
    authority: authority.certificate.toString('pem'),
    ordered: () => ordered,
    given: () => given,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function makeAuthority() {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=An authority for tests',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 900 * DAY_MS),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return { keys, certificate }
}

function directory(at: (path: string) => string) {
  return {
    newNonce: at('/nonce'),
    newAccount: at('/account'),
    newOrder: at('/orders'),
    meta: { termsOfService: at('/terms') },
  }
}

/** RFC 8555 §6.2 @throws Error unless it is signed by the account's key, or by that of a new account */
function readJws(body: string, accounts: readonly JsonWebKey[]): Jws {
  const { protected: head, payload, signature } = JSON.parse(body) as Record<string, string>
  const parsed = JSON.parse(Buffer.from(head ?? '', 'base64url').toString()) as Jws['protected']
  const jwk = parsed.jwk ?? accounts[Number(parsed.kid?.split('/').at(-1))]
  if (jwk === undefined) throw new Error('signed by nobody who has an account')
  const signed = Buffer.from(`${head}.${payload}`)
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  if (!verify('sha256', signed, key, Buffer.from(signature ?? '', 'base64url'))) {
    throw new Error('the signature does not fit')
  }
  const text = Buffer.from(payload ?? '', 'base64url').toString()
  return { protected: parsed, payload: text === '' ? undefined : JSON.parse(text) }
}

/** RFC 7638, for RSA */
function thumbprintOf({ e, kty, n }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}
