import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Panel } from '../components/panel.tsx'
import { governanceTexts } from '../governance-texts.ts'
import { useSession } from '../session.ts'
import { ConductLists } from './governance-conduct.tsx'
import { DistrictList } from './governance-districts.tsx'
import { OwnVotesSection } from './governance-own-votes.tsx'
import { ProposalList } from './governance-proposals.tsx'
import { ProposeForm } from './governance-propose.tsx'

const TABS = ['proposals', 'propose', 'conduct', 'districts'] as const
type Tab = (typeof TABS)[number]

function Tabs({ tab, onTab }: { readonly tab: Tab; readonly onTab: (tab: Tab) => void }): JSX.Element {
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{governanceTexts.tabsLabel}</legend>
      {TABS.map((name) => (
        <label key={name} class="choice">
          <input type="radio" name="governance-tab" checked={tab === name} onChange={() => onTab(name)} />
          <span>{governanceTexts.tabs[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** What is voted on, by whom and how far it is; warnings, evictions and districts ([CH8]). */
export function GovernancePanel(): JSX.Element {
  const session = useSession()
  const [tab, setTab] = useState<Tab>('proposals')
  const hasChain = session.state.purse.value.chain !== undefined
  return (
    <Panel place="panel" wide title={governanceTexts.title} onClose={session.closePanel}>
      {hasChain ? (
        <>
          <p class="caption">{governanceTexts.how}</p>
          <Tabs tab={tab} onTab={setTab} />
          {tab === 'proposals' ? (
            <>
              <OwnVotesSection />
              <ProposalList />
            </>
          ) : tab === 'propose' ? (
            <ProposeForm onProposed={() => setTab('proposals')} />
          ) : tab === 'conduct' ? (
            <ConductLists />
          ) : (
            <DistrictList />
          )}
        </>
      ) : (
        <p>{governanceTexts.none}</p>
      )}
    </Panel>
  )
}
