/** What `tabland.help()` prints: every command with its shape, in the order in which a newcomer meets them. */
const COMMANDS: readonly (readonly [call: string, what: string])[] = [
  ["await tabland.search('moon')", 'what people linked to a word, ranked; {limit, cursor, signal}'],
  ["await tabland.suggest('lan')", 'known words that begin so, or nearly'],
  ["await tabland.link('moon', 'a text or CID')", 'sign and publish a link'],
  ["tabland.cid('moon')", 'the CIDv0 of a text (NFC, trimmed)'],
  ["await tabland.add('some text')", 'store and serve a text, Blob or bytes; {onProgress, signal}'],
  ['await tabland.cat(cid)', 'bytes of a content, checked; {maxBytes, length, onProgress, signal}'],
  ['await tabland.snippet(cid)', 'what a content is, and its beginning'],
  ["await tabland.rank.query('moon')", 'the same as search'],
  ['await tabland.rank.top({ limit: 10 })', 'particles of the highest rank; { cursor } of a page goes on'],
  ["await tabland.rank.of('moon')", 'rank of a text or CID in units of 2⁻⁶², and its share'],
  [
    "await tabland.rank.context({ cids: ['moon'], limit: 10 })",
    'what is relevant as seen from there, or from { neuron }; search takes it as { context } too',
  ],
  [
    "await tabland.rank.prove('moon')",
    'what it links to under the newest signed block, checked to be whole and in order',
  ],
  ["copy(JSON.stringify(await tabland.rank.proof(cid, { from: 'moon' })))", 'a proof of its rank, to save'],
  ['await tabland.rank.verify(proof)', 'check a saved proof, with its block; asks nobody'],
  [
    'await tabland.rank.machine()',
    'the machine, its newest block, two blocks of one height, peers that were refused',
  ],
  [
    'await tabland.rank.bandwidth()',
    'what a link costs, what you have left for links in blocks, and when it is back',
  ],
  ["await tabland.rank.compute({ kernel: 'ts' })", 'rank the graph again: ts, wasm or webgpu'],
  ['console.table(await tabland.rank.bench())', 'how fast each kernel is on the graph of this tab'],
  ["await tabland.graph.backlinks('moon')", 'what links to a text or CID'],
  ["await tabland.graph.neuron('0x…')", 'links that a neuron signed, oldest first; {limit, cursor, signal}'],
  ["await tabland.graph.chains('0x…')", 'its links whose ends meet'],
  [
    "await tabland.graph.neighbourhood('moon', { depth: 2, limit: 120 })",
    'what stands around a text or CID: nodes, links, how many are left out',
  ],
  ['await tabland.graph.setIndex(false)', 'stop indexing links for searches, or begin again with true'],
  ['await tabland.graph.text(cid)', 'the text of a particle, when known here'],
  ['tabland.land.at(32, 0)', 'what stands on a cell'],
  ['tabland.land.tokens(32, 0)', 'model tokens that the world draws there, beside that'],
  [
    'tabland.land.parcel(32, 0)',
    'plot number from 0 on, one less than the id of proven and the No. that wallet.write takes',
  ],
  ['tabland.land.proven(32, 0)', 'the parcel on a cell as the chain proves it: owner, life, warnings, block'],
  ["tabland.land.owned('0x…')", 'the parcels of an address'],
  ['tabland.land.chain()', 'endpoints of the chain and their camps, who gave the land, how old it is'],
  ['await tabland.land.refresh()', 'look at the chain now, and ask those again who failed'],
  ["tabland.land.setEndpoints(['https://…'])", 'RPC endpoints of your own, from the next start on'],
  ['console.table(tabland.land.warned())', 'plots on which warnings stand, by the whole proved land'],
  ['(await tabland.land.history(32, 0))?.events', 'what became of a plot, as endpoints tell it'],
  ['await tabland.land.publish(32, 6, file, placement)', 'build: check, store, sign and announce a .glb'],
  [
    'await tabland.land.show(32, 0)',
    'who owns a plot by the chain, what it costs, and the block that proves it',
  ],
  ['console.table(await tabland.land.auctions())', 'auctions that run or wait to be ended'],
  ["await tabland.land.bid(32, 6, '100')", 'bid CYBR on a plot; the page asks first, as for all that follow'],
  ['await tabland.land.proveLife()', 'keep the places of your plots'],
  ['await tabland.land.move({ x: 32, y: 6 }, { x: 131, y: 6 })', 'move your plot to a free cell'],
  [
    "await tabland.land.claim({ giveaway: 0, parcel: 7, owner: '0x…', proof: ['0x…'] })",
    'claim a plot that was given away',
  ],
  [
    'await tabland.land.portal(32, 0)',
    'where a plot leads, what entering takes, and the block that proves it',
  ],
  ['await tabland.land.clear(32, 6)', 'take your own model off a plot'],
  [
    '(await tabland.governance.proposals()).proposals',
    'what is voted on, newest first, each proved; { cursor }',
  ],
  ['await tabland.governance.votes()', 'your votes by land and by CYBR'],
  [
    'await tabland.governance.terms()',
    'how long votes take and what proposing takes; conduct() tells what they did',
  ],
  [
    "await tabland.governance.delegate('token')",
    'have your CYBR count in votes; the page asks first, as for all that follow',
  ],
  [
    "await tabland.governance.propose({ kind: 'remove-district', number: 0 }, 'why')",
    "propose something; vote(id, 'for') votes, carry(proposal) queues or carries out",
  ],
  ["tabland.governance.showDistricts('adult', true)", 'show what stands in adult districts, in this browser'],
  [
    'console.table(tabland.seed.status().items)',
    'what is kept here: why, how much, copies, sent and received',
  ],
  [
    "await tabland.seed.pin(cid, { name: 'moon' })",
    'fetch all of a content and keep it; {onProgress, signal}',
  ],
  ['await tabland.seed.unpin(cid)', 'make cache of it'],
  ['await tabland.seed.drop(cid)', 'delete a cached content, or what a broken-off adding left'],
  [
    'await tabland.seed.check(cid)',
    'count the copies that others hold, ask for more where there are too few',
  ],
  [
    'await tabland.seed.set({ quotaBytes: 1e9 })',
    'quota, caps (bytes/s), wanted copies, friends; all: seed.status().settings',
  ],
  ['await tabland.seed.persist()', 'ask the browser never to clear the store by itself'],
  ['(await tabland.objects.publish(blob)).link', 'publish a file, or [{path, content}, …] as a folder'],
  [
    "await tabland.objects.publish(blob, { readers: ['0x…'] })",
    'encrypt a file or folder for those wallets and yours; they read it by its link while you are online',
  ],
  [
    'await tabland.objects.giveKeyToRelay(id)',
    'let your relay, which can read it then, give the key while you are away; takeKeyFromRelay(id) ends it',
  ],
  ['await tabland.wallet.address()', 'your own, for others to publish to'],
  ['console.table(tabland.state.files.value.published)', 'what was published from here as named objects'],
  [
    "await tabland.objects.open('cyfs://o/…')",
    'a named object by link or id, checked, and how far to believe it',
  ],
  [
    "tabland.objects.read('cyfs://o/…', { start: 0, end: 99 })",
    'bytes of a file, or of a part of it, as they come: for await (const bytes of …)',
  ],
  ['await tabland.objects.get(id)', 'the same, encoded'],
  ['await tabland.objects.put(bytes)', 'check, keep and announce an encoded object'],
  [
    "await tabland.objects.map.build({ key: 'id', folder: { key: 'id' } })",
    'a tree of object maps; its root',
  ],
  [
    "await tabland.objects.map.prove(root, '/folder/key')",
    'what stands there, with its proof; map.get gives it alone, map.verify checks a proof',
  ],
  ["tabland.objects.parse('cyfs://…')", 'the parts of a link; objects.format is its inverse'],
  ['console.table(tabland.net.peers())', 'who is here, and how you are connected'],
  ['console.table(tabland.net.relays())', 'your relays and reservations'],
  ["await tabland.net.addRelay('/dns/…/tcp/443/wss/p2p/…')", 'use one more relay'],
  [
    "await tabland.net.setMode('relayed')",
    "private: all goes through relays, what you sign still names you; or 'direct'",
  ],
  ['tabland.net.retry()', 'try at once whatever waits'],
  ['await tabland.wallet.address()', 'the address that signs for you'],
  ['console.table(tabland.state.purse.value.offers)', 'wallets of this browser (EIP-6963)'],
  ["await tabland.wallet.connect('io.metamask')", 'sign for one of them from now on; disconnect() goes back'],
  ['await tabland.wallet.balance()', 'CYBR, coins for fees and outdone bids, in 10⁻¹⁸'],
  ["await tabland.wallet.send('0x…', '12.5')", 'send CYBR; the page asks first'],
  ["await tabland.wallet.stake('100')", 'stake CYBR, so that your links count'],
  [
    "await tabland.wallet.write({ kind: 'bid', parcel: 7, amountWei: 10n ** 18n })",
    'any write: the page says what it does and asks; wallet.settled(id) waits for its block',
  ],
  ['console.table(await tabland.wallet.models())', 'your model tokens; models([7]): those on plot No. 7'],
  [
    "await tabland.wallet.sale(id, '0x…')",
    'the model token by which an object of that owner can be seen, and its price',
  ],
  [
    'await tabland.wallet.readClaim(file, 7)',
    'the claim of a plot by its giveaway’s list (@openzeppelin/merkle-tree), checked; for wallet.write',
  ],
  ['console.table(tabland.state.purse.value.transactions)', 'what was written, and how far it has come'],
  ['await tabland.wallet.faucet()', 'coins and CYBR where they are worth nothing'],
  ["await tabland.wallet.protect('a few words')", 'seal the recovery phrase by a passphrase'],
  ['await tabland.wallet.exportPhrase()', 'recovery phrase of the burner wallet: keep it secret'],
  ['tabland.world.stats.value', 'frames, draw calls and models of the world, once it is drawn'],
  ['tabland.state.network.value', 'states as signals: network, storage, seed, land, graph, wallet'],
]

export function helpText(): string {
  const width = Math.max(...COMMANDS.map(([call]) => call.length))
  const lines = COMMANDS.map(([call, what]) => `  ${call.padEnd(width)}  ${what}`)
  return ['Tabland in this tab. Ranks are bigint; every call that waits takes { signal }.', ...lines].join(
    '\n',
  )
}
