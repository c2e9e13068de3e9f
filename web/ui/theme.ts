import { type ReadonlySignal, signal } from '@preact/signals'
import type { Settings } from './settings.ts'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export interface ThemeStore {
  readonly theme: ReadonlySignal<Theme>
  set(theme: Theme): void
  stop(): void
}

function parseTheme(text: string | undefined): Theme {
  return THEMES.find((theme) => theme === text) ?? 'auto'
}

/** Puts the chosen theme on the document (`data-theme`); `auto` leaves it to the system's setting. */
export function createTheme(settings: Settings, window: Pick<Window, 'document'>): ThemeStore {
  const root = window.document.documentElement
  const theme = signal(parseTheme(settings.get('theme')))
  const apply = (): void => {
    if (theme.value === 'auto') root.removeAttribute('data-theme')
    else root.setAttribute('data-theme', theme.value)
  }
  apply()
  return {
    theme,
    set(next) {
      theme.value = next
      settings.set('theme', next)
      apply()
    },
    stop() {
      root.removeAttribute('data-theme')
    },
  }
}
