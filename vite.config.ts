import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

// One page, index.html → dist/. Asset paths are relative, so that a copy works below any path. Nothing is
// inlined: the relay's policy allows scripts, styles and fonts from its own origin only.
export default defineConfig({
  base: './',
  // copied as they are: what the manifest names must keep its name
  publicDir: 'web/public',
  plugins: [preact({ devToolsEnabled: false, reactAliasesEnabled: false })],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // the world's engine is one lazy chunk of 1.2 MB; `npm run size` holds the budget of the first load
    chunkSizeWarningLimit: 1_300,
  },
})
