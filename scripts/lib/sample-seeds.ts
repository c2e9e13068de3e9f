/** Common words for what a visitor of a shared world may look for first. */
export const SEED_WORDS: ReadonlySet<string> = new Set(
  `
  moon sun star sky cloud rain snow wind storm rainbow dawn dusk night day shadow light fire flame smoke
  lantern lamp candle lighthouse mirror window door key lock bell clock compass map book letter pen paper
  sea ocean lake river stream waterfall island beach wave tide harbor boat ship sail anchor bridge
  mountain hill valley forest wood tree leaf flower rose grass moss seed root garden field meadow desert cave
  stone rock sand crystal gold silver iron glass cloth rope wheel road path gate wall tower castle house
  cottage hut tent roof room kitchen table chair bed city town village street square market park fountain
  bottle cup plate bowl spoon knife basket box bag ladder hammer nail needle thread coat hat shoe glove ring
  fox wolf bear deer hare rabbit mouse cat dog horse cow sheep goat pig lion tiger elephant monkey
  bird owl eagle raven crow swan duck goose hen dove fish whale dolphin shark seal frog toad snake lizard
  turtle spider bee butterfly moth ant snail dragon unicorn phoenix
  apple pear plum cherry orange lemon grape bread cheese milk honey salt water tea coffee wine soup cake
  hand foot head eye ear nose mouth heart hair bone wing feather tail
  man woman child friend king queen sailor farmer baker smith painter poet singer dancer walker traveler
  music song drum flute violin dance game toy ball kite puppet cube sphere circle line
  north south east west spring summer autumn winter morning evening hour year
  planet earth comet galaxy world universe gravity magnet rocket telescope
  `
    .trim()
    .split(/\s+/),
)
