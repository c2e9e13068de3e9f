import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Failure, TransferProgress } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { BandwidthMeter } from '../components/late-proofs.ts'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf } from '../failure.ts'
import { formatBytes, shorten, shortenQuery } from '../format.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'storing'; readonly progress: TransferProgress }
  | { readonly kind: 'linking' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retry: () => void }

/** "Link something to …": a text, a CID or a file becomes what the query leads to. */
export function LinkForm({ query }: { readonly query: string }): JSX.Element {
  const session = useSession()
  const [target, setTarget] = useState('')
  const [step, setStep] = useState<Step>({ kind: 'idle' })
  const file = useRef<HTMLInputElement>(null)
  const busy = step.kind === 'storing' || step.kind === 'linking'

  const run = async (task: () => Promise<string>): Promise<void> => {
    try {
      const name = await task()
      setStep({ kind: 'idle' })
      setTarget('')
      session.toasts.show('done', texts.search.linked(shortenQuery(query), name))
      void session.search.run(query)
    } catch (error) {
      setStep({ kind: 'failed', failure: failureOf(error), retry: () => void run(task) })
    }
  }

  const linkText = async (text: string): Promise<string> => {
    setStep({ kind: 'linking' })
    await (await session.tabland).link(query, text)
    return `“${shorten(text, { head: 28, tail: 8 })}”`
  }

  const linkFile = async (chosen: File): Promise<string> => {
    const onProgress = (progress: TransferProgress): void => setStep({ kind: 'storing', progress })
    onProgress({ bytes: 0, total: chosen.size })
    const tabland = await session.tabland
    const { cid } = await tabland.add(chosen, { onProgress })
    setStep({ kind: 'linking' })
    await tabland.link(query, cid)
    return chosen.name
  }

  return (
    <Section title={texts.search.linkTitle(shortenQuery(query))}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          const text = target.trim()
          if (text !== '' && !busy) void run(() => linkText(text))
        }}
      >
        <div class="inline">
          <input
            type="text"
            class="field"
            aria-label={texts.search.linkLabel}
            placeholder={texts.search.linkPlaceholder}
            value={target}
            disabled={busy}
            onInput={(event) => setTarget(event.currentTarget.value)}
          />
          <Button type="submit" kind="primary" icon="link" disabled={busy || target.trim() === ''}>
            {texts.search.link}
          </Button>
        </div>
        <input
          ref={file}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0]
            event.currentTarget.value = ''
            if (chosen !== undefined) void run(() => linkFile(chosen))
          }}
        />
        <Button kind="quiet" icon="upload" disabled={busy} onClick={() => file.current?.click()}>
          {texts.search.linkFile}
        </Button>
      </form>
      <BandwidthMeter step={step.kind} />
      {step.kind === 'storing' ? (
        <Waiting
          what={texts.search.linkingFile(
            formatBytes(step.progress.bytes),
            formatBytes(step.progress.total ?? step.progress.bytes),
          )}
          slow={texts.search.linkSlow}
          {...(step.progress.total ? { value: step.progress.bytes / step.progress.total } : {})}
        />
      ) : null}
      {step.kind === 'linking' ? <Waiting what={texts.search.linking} slow={texts.search.linkSlow} /> : null}
      {step.kind === 'failed' ? <FailureNote failure={step.failure} onRetry={step.retry} /> : null}
    </Section>
  )
}
