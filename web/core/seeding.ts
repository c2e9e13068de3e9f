/**
 * The seam between what is kept (`web/seed`), what moves between peers (`web/peer`) and who composes both
 * (`web/api`): each side can be built and tested without the other.
 */

/**
 * Why something is pinned ([SE3]): it was published here, pinned by hand, kept for somebody who asked, stands on the
 * wallet's land, or is what a model token of the wallet shows.
 */
export type PinReason = 'published' | 'pinned' | 'kept' | WalletReason

/** What the wallet owns is pinned by itself, as long as the wallet owns it. */
export type WalletReason = 'land' | 'model'

/** A content that the wallet's tokens lead to. */
export interface WalletPin {
  /** CID of its root */
  readonly cid: string
  readonly reason: WalletReason
  /** what it is called until somebody gives it another name */
  readonly name: string
}

/** What is pinned for the wallet's tokens alone, at most: a gigabyte of nobody's asking. */
export const AUTO_PIN_BYTES = 1_000_000_000

/** One block that went out or came in. */
export interface BlockMoved {
  readonly direction: 'sent' | 'received'
  /** peer id (text form) of the other side */
  readonly peer: string
  /** text form, as it was asked for */
  readonly cid: string
  readonly bytes: number
}

/** Tells of each block that moves; returns the unsubscriber. */
export interface BlockTraffic {
  onBlock(listener: (moved: BlockMoved) => void): () => void
}

/** Caps of the whole profile's share in this peer, bytes per second; undefined lifts one. Honoured within 10 %. */
export interface TrafficCaps {
  setUploadCap(bytesPerSecond: number | undefined): void
  setDownloadCap(bytesPerSecond: number | undefined): void
}

export interface FetchProgress {
  readonly bytes: number
  readonly total: number
  /** peers that gave blocks within the last seconds */
  readonly sources: number
}

/** Fetches every block below a root that is not here yet, from several peers at once ([SE7]). */
export interface DagFetcher {
  /** What is here already counts as progress at once: a reload goes on from the last block ([SE5]). */
  fetchAll(
    root: string,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: FetchProgress) => void },
  ): Promise<void>
}

/** A device that answered a challenge: it had access to a random block at that time, no more ([SE6]). */
export interface HolderProof {
  /** base58 of its Ed25519 key; of its peer id where it has none, as relays do */
  readonly device: string
  readonly peerId: string
  readonly kind: 'tab' | 'relay' | 'node'
  /** unix ms */
  readonly checkedAt: number
}

export type KeepAnswer =
  | { readonly peer: string; readonly accepted: true }
  | { readonly peer: string; readonly accepted: false; readonly reason: string }

/** What those that were asked for proof of a content gave. */
export interface CopiesCheck {
  /** own device excluded, each device once */
  readonly holders: readonly HolderProof[]
  /** peer ids of those whose proof was false, now or a while ago; they do not count */
  readonly liars: readonly string[]
}

/** How many others hold a content, found by asking them for a random block of it; and asking them to hold it. */
export interface Copies {
  check(root: string, options?: { readonly signal?: AbortSignal }): Promise<CopiesCheck>
  /** Asks up to `wanted` peers that do not hold it to keep it; those that may refuse say why. */
  askToKeep(
    request: { readonly root: string; readonly bytes: number; readonly wanted: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly KeepAnswer[]>
}

/** A verified wish of somebody else that this peer keep a content. */
export interface KeepRequest {
  readonly root: string
  readonly bytes: number
  /** wallet address (0x…, checksummed) that signed it */
  readonly neuron: string
  /** base58 */
  readonly device: string
  readonly peer: string
}

/** Says whether the wish is granted; a refusal is a sentence for the other side. */
export type DecideKeep = (request: KeepRequest) => Promise<true | { readonly refused: string }>

export interface SeedSettings {
  /** [SE4] pins and cache together, in bytes */
  readonly quotaBytes: number
  /** bytes per second; absent = no cap */
  readonly uploadCap?: number
  /** bytes per second while no tab of the profile is shown; absent = as when shown */
  readonly hiddenUploadCap?: number
  readonly downloadCap?: number
  /** below this many other devices, others are asked to take a copy */
  readonly wantedCopies: number
  /** what is kept for others who ask, in bytes, as part of the quota; 0 = nothing */
  readonly keepForOthersBytes: number
  /** wallet addresses (0x…) whose requests to keep something are accepted, besides one's own */
  readonly friends: readonly string[]
}

/** What of the settings is changed; a cap that is given as undefined is lifted. */
export type SeedSettingsChange = { readonly [Name in keyof SeedSettings]?: SeedSettings[Name] | undefined }

const MIB = 1024 * 1024

/** Of what the browser grants, at most: the rest is for records, keys and what the disk needs to tidy up. */
export const MAX_QUOTA_SHARE = 0.8

/**
 * What a profile does that never changed anything. The quota is lowered to a fifth of what the browser grants, and the
 * room for others to a quarter of the quota.
 */
export const DEFAULT_SEED_SETTINGS: SeedSettings = {
  quotaBytes: 10 * 1024 * MIB,
  hiddenUploadCap: MIB,
  wantedCopies: 3,
  keepForOthersBytes: 256 * MIB,
  friends: [],
}
