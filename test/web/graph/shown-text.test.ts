import { expect, it } from 'vitest'
import { textCid } from '#core/cid.ts'
import { createGraph, fill } from '#test/fakes/graph.ts'

const CITIES = [
  ['paris', 'a name'],
  ['Paris', 'a city'],
  ['PARIS', 'a shout'],
  ['Seine', 'Paris'],
  ['seine', 'a net'],
  ['Moon', 'night'],
] as const

it('[KG21] a text that nothing is linked from is shown as the one that differs in case alone', async () => {
  const { graph } = createGraph()
  await fill(graph, CITIES)
  await graph.compute()
  // its own links come first, whatever the others have
  expect(await graph.search('paris')).toMatchObject({ particle: textCid('paris'), total: 1 })
  expect((await graph.search('paris')).shown).toBeUndefined()
  // of several, the one of the highest rank
  const page = await graph.search(' pARIS ')
  expect(page).toMatchObject({ particle: textCid('Paris'), shown: 'Paris', total: 1, suggestions: [] })
  expect(await graph.search('moon')).toMatchObject({ shown: 'Moon', total: 1 })
  // whoever gives a CID means that one
  expect(await graph.search(textCid('moon'))).toMatchObject({ particle: textCid('moon'), total: 0 })
  expect((await graph.search('night')).shown).toBeUndefined()
})

it('[KG21] pages keep to the text that the first one showed', async () => {
  const { graph } = createGraph()
  await fill(
    graph,
    Array.from({ length: 7 }, (_, i) => ['Hub', `word ${i}`] as const),
  )
  await graph.compute()
  const first = await graph.search('hub', { limit: 4 })
  expect(first).toMatchObject({ shown: 'Hub', total: 7 })
  await fill(graph, [['hub', 'another']], 2)
  await graph.compute()
  const second = await graph.search('hub', { limit: 4, cursor: first.cursor! })
  expect(second).toMatchObject({ shown: 'Hub', particle: textCid('Hub'), total: 7 })
  expect(second.cursor).toBeUndefined()
  expect(new Set([...first.results, ...second.results].map(({ cid }) => cid)).size).toBe(7)
  expect(await graph.search('hub')).toMatchObject({ particle: textCid('hub'), total: 1 })
  await expect(graph.search('hub', { cursor: `${first.cursor}x` })).rejects.toMatchObject({
    code: 'CURSOR_INVALID',
  })
})

it('[KG21] suggests what begins so first, by rank, then what is two edits away at most', async () => {
  const { graph } = createGraph()
  await fill(graph, [
    ['Lantern', 'light'],
    ['lanterns', 'street'],
    ['street', 'Lantern'],
    ['lintern', 'nothing'],
    ['lanthorn', 'old'],
    ['lamp', 'light'],
  ])
  await graph.compute()
  expect(await graph.suggest('LANTERN')).toEqual(['Lantern', 'lanterns', 'lintern', 'lanthorn'])
  expect(await graph.suggest('lantern', 2)).toEqual(['Lantern', 'lanterns'])
  expect(await graph.suggest('l', 1)).toEqual(['Lantern'])
})
