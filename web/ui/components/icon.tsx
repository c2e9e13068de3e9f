import {
  ArrowDown,
  ArrowRight,
  ArrowUp,
  Box,
  ChartNetwork,
  Check,
  CircleCheck,
  CircleDashed,
  CircleQuestionMark,
  Compass,
  Copy,
  Download,
  Ellipsis,
  Feather,
  File as FileIcon,
  FileText,
  Film,
  Folder,
  Footprints,
  Hammer,
  HardDrive,
  Image as ImageIcon,
  Link,
  LocateFixed,
  Map as MapIcon,
  Minus,
  Pin,
  PinOff,
  Play,
  Plus,
  Radio,
  RefreshCw,
  Search,
  Sprout,
  Trash,
  TriangleAlert,
  Upload,
  Users,
  Wallet,
  Waypoints,
  X,
} from 'lucide'
import { createElement, type JSX } from 'preact'

const ICONS = {
  down: ArrowDown,
  arrow: ArrowRight,
  up: ArrowUp,
  model: Box,
  check: Check,
  verified: CircleCheck,
  checking: CircleDashed,
  help: CircleQuestionMark,
  compass: Compass,
  copy: Copy,
  download: Download,
  more: Ellipsis,
  graph: ChartNetwork,
  fly: Feather,
  file: FileIcon,
  film: Film,
  text: FileText,
  folder: Folder,
  walk: Footprints,
  build: Hammer,
  storage: HardDrive,
  image: ImageIcon,
  link: Link,
  here: LocateFixed,
  land: MapIcon,
  minus: Minus,
  pin: Pin,
  play: Play,
  unpin: PinOff,
  plus: Plus,
  relay: Radio,
  retry: RefreshCw,
  search: Search,
  seed: Sprout,
  remove: Trash,
  warning: TriangleAlert,
  upload: Upload,
  peers: Users,
  wallet: Wallet,
  network: Waypoints,
  close: X,
} satisfies Record<string, typeof Search>

export type IconName = keyof typeof ICONS

export interface IconProps {
  readonly name: IconName
  /** CSS pixels @default 20 */
  readonly size?: number
}

/** A lucide icon; always beside a text or inside a labelled control, so hidden from assistive technology. */
export function Icon({ name, size = 20 }: IconProps): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {ICONS[name].map(([tag, attributes], index) => createElement(tag, { key: index, ...attributes }))}
    </svg>
  )
}
