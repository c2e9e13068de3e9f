import { type ReadonlySignal, signal } from '@preact/signals'

/** EIP-1193, as much as is used of it. */
export interface Eip1193Provider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>
}

/** A wallet that the browser offers ([EIP-6963](https://eips.ethereum.org/EIPS/eip-6963)). */
export interface OfferedWallet {
  /** its maker's name in reverse, such as `io.metamask`: the same at each visit */
  readonly rdns: string
  readonly name: string
  /** `data:image/…`, when it gave one that can be shown */
  readonly icon?: string
  readonly provider: Eip1193Provider
}

export interface AnnouncedWallets {
  /** in the order in which they told of themselves; grows */
  readonly wallets: ReadonlySignal<readonly OfferedWallet[]>
  stop(): void
}

/** Nobody has so many wallets; an extension that announces more makes noise. */
const MAX_WALLETS = 16
const MAX_NAME_LENGTH = 40
/** An icon is 96 pixels wide; a PNG of that has some kilobytes. */
const MAX_ICON_LENGTH = 64 * 1024
const RDNS = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i
/** Shown by <img>, where no script of an SVG runs. */
const ICON = /^data:image\/(png|jpeg|webp|gif|svg\+xml)[;,]/

/** Listens to wallets that announce themselves, and asks those that did before we listened. */
export function watchAnnouncedWallets(target: EventTarget): AnnouncedWallets {
  const wallets = signal<readonly OfferedWallet[]>([])
  const onAnnounce = (event: Event): void => {
    const wallet = parseAnnouncement((event as CustomEvent<unknown>).detail)
    const known = wallets.peek()
    if (wallet === undefined || known.length >= MAX_WALLETS) return
    // announced again after each question
    if (known.some(({ rdns }) => rdns === wallet.rdns)) return
    wallets.value = [...known, wallet]
  }
  target.addEventListener('eip6963:announceProvider', onAnnounce)
  target.dispatchEvent(new Event('eip6963:requestProvider'))
  return {
    wallets,
    stop: () => target.removeEventListener('eip6963:announceProvider', onAnnounce),
  }
}

/** Any script of any extension can announce anything: what is no wallet is passed over. */
export function parseAnnouncement(detail: unknown): OfferedWallet | undefined {
  const { info, provider } = (detail ?? {}) as { readonly info?: unknown; readonly provider?: unknown }
  const { rdns, name, icon } = (info ?? {}) as Readonly<Record<string, unknown>>
  if (typeof rdns !== 'string' || rdns.length > 100 || !RDNS.test(rdns)) return undefined
  if (typeof name !== 'string' || typeof (provider as Eip1193Provider | undefined)?.request !== 'function') {
    return undefined
  }
  const shown = name.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  const isIcon = typeof icon === 'string' && icon.length <= MAX_ICON_LENGTH && ICON.test(icon)
  return {
    rdns,
    name: (shown === '' ? rdns : shown).slice(0, MAX_NAME_LENGTH),
    ...(isIcon ? { icon } : {}),
    provider: provider as Eip1193Provider,
  }
}
