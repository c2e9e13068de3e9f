/** Sources of each kind that the page may use; everything else is refused by `default-src 'none'`. */
const POLICY: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  // Our own files, and WebAssembly compiled from bytes (rank kernel); no inline script, no eval.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  // Workers come from our files; the single-file page and libraries start theirs from blobs.
  'worker-src': ["'self'", 'blob:'],
  // Relays are anywhere (ws: on loopback and local networks, wss: elsewhere), and so are endpoints of the chain, which
  // a person may name (http: on loopback); models are read from blobs.
  'connect-src': ["'self'", 'ws:', 'wss:', 'blob:', 'http:', 'https:'],
  // Snippets and textures come from peers as bytes and are shown as blobs; icons may be inlined.
  'img-src': ["'self'", 'blob:', 'data:'],
  'media-src': ["'self'", 'blob:'],
  // Published pages, which the service worker answers: each carries a sandbox of its own.
  'frame-src': ["'self'"],
  'style-src': ["'self'"],
  'font-src': ["'self'"],
  'manifest-src': ["'self'"],
  // Content of strangers must not re-base our links, send forms or frame us to steal clicks.
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

const CONTENT_SECURITY_POLICY = Object.entries(POLICY)
  .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
  .join('; ')

/** What the page never asks for: a script that got in would not get it either. */
const DENIED_FEATURES = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]

/**
 * Headers of every answer. Workers take policy and isolation from their own script's answer, so they are not
 * only on the page.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  // The two that isolate the page's process: without them no SharedArrayBuffer, which wasm threads need.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // Other sites cannot embed our files, nor read them through side channels.
  'Cross-Origin-Resource-Policy': 'same-origin',
  // A file that a peer made look like a script is not run as one.
  'X-Content-Type-Options': 'nosniff',
  // The address bar may hold a relay's address or a place: links out must not tell it.
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': DENIED_FEATURES.map((feature) => `${feature}=()`).join(', '),
}

/** Public facts about the relay, which pages of other relays and pages from disk may read too. */
export const PUBLIC_FACT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}
