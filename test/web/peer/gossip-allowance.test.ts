import { createPeerScoreParams, validatePeerScoreParams } from '@libp2p/gossipsub/score'
import { describe, expect, it } from 'vitest'
import { createGossipAllowance, GRAYLIST_SCORE } from '#peer/gossip-allowance.ts'
import { gossipOptions } from '#peer/options.ts'

describe('[RE7] gossip allowance', () => {
  it('lets an author say 256 things at once and four a second after that', () => {
    let time = 0
    const allowance = createGossipAllowance(() => time)
    const passed = (count: number) =>
      Array.from({ length: count }, () => allowance.take('author', 'neighbour')).filter(Boolean).length
    expect(passed(300)).toBe(256)
    time += 60_000
    expect(passed(300)).toBeGreaterThan(190)
    expect(allowance.score('neighbour')).toBe(0)
  })

  it('a neighbour that brings the heartbeats of 1,024 peers is within its rate', () => {
    let time = 0
    const allowance = createGossipAllowance(() => time)
    for (let round = 0; round < 20; round++) {
      for (let peer = 0; peer < 1_024; peer++) expect(allowance.take(`peer ${peer}`, 'relay')).toBe(true)
      time += 5_000
    }
    expect(allowance.score('relay')).toBe(0)
  })

  it('a neighbour that floods under many names is graylisted, for half a minute at most', () => {
    let time = 0
    const allowance = createGossipAllowance(() => time)
    let passed = 0
    for (let i = 0; i < 50_000; i++) {
      if (allowance.take(`name ${i}`, 'flooder')) passed++
      allowance.take('quiet', 'honest')
      time += i % 10 === 0 ? 1 : 0
    }
    expect(passed).toBeLessThan(2_048 + 5 * 410 + 1)
    expect(allowance.score('flooder')).toBeLessThan(GRAYLIST_SCORE)
    time += 31_000
    expect(allowance.score('flooder')).toBe(0)
  })
})

describe('[RE7] scores of topics', () => {
  const params = createPeerScoreParams(gossipOptions('local').scoreParams)

  it('are such as gossipsub takes', () => {
    expect(() => validatePeerScoreParams(params)).not.toThrow()
  })

  it('hold invalid messages against a neighbour, and neither its quiet nor its address; no merit makes up for them', () => {
    expect(params.IPColocationFactorWeight).toBe(0)
    for (const topic of Object.values(params.topics)) {
      expect(topic).toMatchObject({
        timeInMeshWeight: 0,
        firstMessageDeliveriesWeight: 0,
        meshMessageDeliveriesWeight: 0,
        meshFailurePenaltyWeight: 0,
      })
      const penalty = (invalid: number) =>
        topic.topicWeight * topic.invalidMessageDeliveriesWeight * invalid ** 2
      expect(penalty(3)).toBeGreaterThan(-10)
      expect(penalty(9)).toBeLessThan(GRAYLIST_SCORE)
    }
  })
})
