import type { JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { IconButton } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { shortenQuery } from '../format.ts'
import { MAX_SEARCH_LENGTH } from '../route.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Index of the suggestion that an arrow key leads to; −1 is the field itself. */
export function nextActive(active: number, key: 'ArrowDown' | 'ArrowUp', count: number): number {
  if (count === 0) return -1
  const step = key === 'ArrowDown' ? 1 : -1
  // positions −1..count−1 form a ring
  return ((active + 1 + step + count + 1) % (count + 1)) - 1
}

/** The search field at the top: a combobox whose suggestions come from the texts that this tab knows. */
export function SearchField(): JSX.Element {
  const session = useSession()
  const { search } = session
  const input = useRef<HTMLInputElement>(null)
  const [active, setActive] = useState(-1)
  const [focused, setFocused] = useState(false)
  const listId = useId()
  const text = search.input.value
  const suggestions = search.suggestions.value
  const open = focused && suggestions.length > 0

  useEffect(() => {
    const focusOnSlash = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as Element | null
      if (target?.closest('input, textarea, select, [contenteditable]')) return
      event.preventDefault()
      input.current?.focus()
    }
    window.addEventListener('keydown', focusOnSlash)
    return () => window.removeEventListener('keydown', focusOnSlash)
  }, [])

  const run = (query: string): void => {
    setActive(-1)
    session.runSearch(query)
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!open) return
      event.preventDefault()
      setActive(nextActive(active, event.key, suggestions.length))
    } else if (event.key === 'Escape' && open) {
      // only the list: the panel stays for the next Escape
      event.stopPropagation()
      search.closeSuggestions()
      setActive(-1)
    }
  }

  return (
    <search class="search">
      <form
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault()
          run(suggestions[active] ?? text)
        }}
      >
        <Icon name="search" size={18} />
        <input
          ref={input}
          type="text"
          inputMode="search"
          enterKeyHint="search"
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          maxLength={MAX_SEARCH_LENGTH}
          role="combobox"
          aria-label={texts.search.label}
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls={listId}
          aria-activedescendant={open && active >= 0 ? `${listId}-${active}` : undefined}
          placeholder={texts.search.placeholder}
          value={text}
          onInput={(event) => {
            setActive(-1)
            search.type(event.currentTarget.value)
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onKeyDown={onKeyDown}
        />
        {text === '' ? (
          <span class="key" aria-hidden="true">
            /
          </span>
        ) : (
          <IconButton
            icon="close"
            label={texts.search.clear}
            onClick={() => {
              search.type('')
              input.current?.focus()
            }}
          />
        )}
      </form>
      <div
        class="suggestions"
        id={listId}
        role="listbox"
        aria-label={texts.search.suggestions}
        hidden={!open}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field's keys move through the options
          <div
            key={suggestion}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            class="suggestion"
            // before blur takes the list away
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => run(suggestion)}
          >
            <Icon name="search" size={14} />
            <span>{shortenQuery(suggestion)}</span>
          </div>
        ))}
      </div>
    </search>
  )
}
