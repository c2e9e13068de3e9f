import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Neighbourhood, NeighbourNode } from '#graph/neighbourhood.ts'
import { Button } from '../components/button.tsx'
import { copyText } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { GraphCanvas } from '../components/graph-canvas.tsx'
import { Panel, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { formatShare, shorten, shortenQuery } from '../format.ts'
import { createGraphStore, DEPTHS, type Direction, directionsOf, type GraphStore } from '../graph-store.ts'
import { graphTexts } from '../graph-texts.ts'
import { type Session, useSession } from '../session.ts'

/** Texts of new particles arrive after their links: while a name is missing the graph is asked again. */
const NAMES_EVERY_MS = 4_000
const MAX_NAME_ROUNDS = 15

const ARROWS: Readonly<Record<Direction, string>> = { to: '→', from: '←', both: '↔', none: '·' }

function nameOf({ cid, text }: NeighbourNode): string {
  return text === undefined || text.trim() === '' ? shorten(cid) : text
}

/** A label that was cut is no text to search for; its CID always is. */
function queryOf({ cid, text }: NeighbourNode): string {
  return text === undefined || text.endsWith('…') ? cid : text
}

/** What the panel shows first: what the address names, else what was searched for, else the top of the rank. */
function startOf(session: Session): string | undefined {
  return session.navigation.route.value.graph ?? session.search.view.value.particle
}

function useGraph(session: Session): GraphStore {
  const store = useMemo(() => createGraphStore(session.tabland), [session])
  const start = startOf(session)
  const rank = session.state.graph.value.rank?.ranksSha256
  useEffect(() => () => store.stop(), [store])
  useEffect(() => void store.show(start), [store, start])
  useEffect(() => {
    if (rank !== undefined) void store.refresh()
  }, [store, rank])
  const { cid, neighbourhood } = store.view.value
  const isNameless = neighbourhood?.nodes.some(({ text }) => text === undefined) === true
  useEffect(() => {
    if (!isNameless || cid === undefined) return
    let rounds = 0
    const timer = setInterval(() => {
      if (++rounds === MAX_NAME_ROUNDS) clearInterval(timer)
      void store.refresh()
    }, NAMES_EVERY_MS)
    return () => clearInterval(timer)
  }, [store, cid, isNameless])
  return store
}

interface NeighbourProps {
  readonly node: NeighbourNode
  readonly direction: Direction
  readonly onMark: (cid: string | undefined) => void
}

function Neighbour({ node, direction, onMark }: NeighbourProps): JSX.Element {
  const session = useSession()
  const name = shortenQuery(nameOf(node))
  const notes = [
    graphTexts.directions[direction],
    node.hidden === 0 ? '' : graphTexts.hidden(node.hidden),
  ].filter((note) => note !== '')
  return (
    <li>
      <button
        type="button"
        class="list-item"
        title={graphTexts.goOn(name)}
        onClick={() => session.showGraph(node.cid)}
        onFocus={() => onMark(node.cid)}
        onBlur={() => onMark(undefined)}
        onMouseEnter={() => onMark(node.cid)}
        onMouseLeave={() => onMark(undefined)}
      >
        <span class="graph-way" aria-hidden="true">
          {ARROWS[direction]}
        </span>
        <span class="list-text">
          {name}
          {notes.length === 0 ? null : <span class="caption">{notes.join(' · ')}</span>}
        </span>
        <span class="caption">{formatShare(node.share)}</span>
      </button>
    </li>
  )
}

interface NeighboursProps {
  readonly neighbourhood: Neighbourhood
  readonly onMark: (cid: string | undefined) => void
}

/** The same as the picture, to read and to walk through by keyboard: step by step, by rank. */
function Neighbours({ neighbourhood, onMark }: NeighboursProps): JSX.Element {
  const directions = directionsOf(neighbourhood)
  const nodes = neighbourhood.nodes.map((node, place) => ({ node, direction: directions[place] ?? 'none' }))
  return (
    <>
      {DEPTHS.map((distance) => {
        const ring = nodes.filter(({ node }) => node.distance === distance)
        if (ring.length === 0) return null
        return (
          <Section key={distance} title={graphTexts.steps[distance]}>
            <ul class="list">
              {ring.map(({ node, direction }) => (
                <Neighbour key={node.cid} node={node} direction={direction} onMark={onMark} />
              ))}
            </ul>
          </Section>
        )
      })}
    </>
  )
}

function Counts({
  store,
  neighbourhood,
}: {
  readonly store: GraphStore
  readonly neighbourhood: Neighbourhood
}) {
  const { nodes, links, leftOut, isComplete } = neighbourhood
  return (
    <div class="graph-counts">
      <p class="caption" role="status">
        {`${graphTexts.shown(nodes.length, links.length)} `}
        {leftOut === 0 && isComplete ? graphTexts.allShown : graphTexts.leftOut(leftOut, isComplete)}
      </p>
      {store.hasMore() ? (
        <Button kind="quiet" onClick={() => void store.more()}>
          {graphTexts.more}
        </Button>
      ) : null}
    </div>
  )
}

function Depths({ store }: { readonly store: GraphStore }): JSX.Element {
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{graphTexts.depth}</legend>
      {DEPTHS.map((depth) => (
        <label key={depth} class="choice">
          <input
            type="radio"
            name="graph-depth"
            value={depth}
            checked={store.depth.value === depth}
            onChange={() => void store.setDepth(depth)}
          />
          <span>{graphTexts.depths[depth]}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Actions({ centre }: { readonly centre: NeighbourNode }): JSX.Element {
  const session = useSession()
  const copyLink = async (): Promise<void> => {
    if (await copyText(session, session.navigation.linkToGraph(centre.cid))) {
      session.toasts.show('done', graphTexts.linkCopied)
    }
  }
  return (
    <div class="buttons">
      <Button icon="search" onClick={() => session.runSearch(queryOf(centre))}>
        {graphTexts.search}
      </Button>
      <Button icon="file" onClick={() => session.showResult(centre.cid, centre.text ?? '')}>
        {graphTexts.details}
      </Button>
      <Button icon="link" onClick={() => void copyLink()}>
        {graphTexts.copyLink}
      </Button>
    </div>
  )
}

function Around({
  store,
  neighbourhood,
}: {
  readonly store: GraphStore
  readonly neighbourhood: Neighbourhood
}) {
  const session = useSession()
  const [marked, setMarked] = useState<string>()
  const [centre] = neighbourhood.nodes
  return (
    <>
      <GraphCanvas neighbourhood={neighbourhood} marked={marked} onChoose={session.showGraph} />
      <Counts store={store} neighbourhood={neighbourhood} />
      <Depths store={store} />
      {centre === undefined ? null : <Actions centre={centre} />}
      <p class="caption">{graphTexts.how}</p>
      <Neighbours neighbourhood={neighbourhood} onMark={setMarked} />
    </>
  )
}

function Body({ store }: { readonly store: GraphStore }): JSX.Element {
  const { status, cid, neighbourhood, failure } = store.view.value
  if (status === 'failed' && failure !== undefined) {
    return <FailureNote failure={failure} onRetry={() => void store.show(cid)} />
  }
  if (status === 'empty') {
    return <p>{cid === undefined ? graphTexts.empty : graphTexts.nothing(shorten(cid))}</p>
  }
  if (neighbourhood === undefined || neighbourhood.nodes.length === 0) {
    return <Waiting what={graphTexts.loading} slow={graphTexts.loadingSlow} />
  }
  return <Around store={store} neighbourhood={neighbourhood} />
}

/** The graph around one particle: a picture, and the same as a list. */
export function GraphPanel(): JSX.Element {
  const session = useSession()
  const store = useGraph(session)
  const centre = store.view.value.neighbourhood?.nodes[0]
  const title = centre === undefined ? graphTexts.title : shortenQuery(nameOf(centre))
  return (
    <Panel place="panel" wide title={title} onClose={session.closePanel}>
      <Body store={store} />
      <Button kind="quiet" onClick={() => session.open('rank')}>
        {graphTexts.rank}
      </Button>
    </Panel>
  )
}
