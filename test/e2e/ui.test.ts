import { addressTests } from './ui/address.ts'
import { buildingTests } from './ui/building.ts'
import { everywhereTests } from './ui/everywhere.ts'
import { firstScreenTests } from './ui/first-screen.ts'
import { useUi } from './ui/fixture.ts'
import { graphTests } from './ui/graph.ts'
import { landTests } from './ui/land.ts'
import { networkTests } from './ui/network.ts'
import { searchTests } from './ui/search.ts'
import { seedingTests } from './ui/seeding.ts'

// Built once and shown in one browser: each subject in a file of its own beside this one.
useUi()
firstScreenTests()
searchTests()
buildingTests()
landTests()
seedingTests()
networkTests()
everywhereTests()
graphTests()
addressTests()
