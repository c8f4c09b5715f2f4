/** Synthetic follow lists in the proportions of the real `edges1.json`, its lacks of symmetry included. */
import { exactShares, permutation, type Random, seededRandom, shuffle } from './random.ts'
import { type Population, realUsers } from './users.ts'

/** Real file: objects, entries of each list, and edges that stand in both lists. */
const real = { objects: 6_067, follows: 16_215, followedBy: 15_226, shared: 8_435 } as const
/** Longest list in the real file. */
const longest = 5
/** Share of lists given as one comma-separated string instead of an array. */
const asText = 0.03

/** Lists of up to five user indexes each, -1 where free. */
class Lists {
  readonly #slots: Int32Array
  readonly #sizes: Uint8Array

  constructor(count: number) {
    this.#slots = new Int32Array(count * longest).fill(-1)
    this.#sizes = new Uint8Array(count)
  }

  of(owner: number): number[] {
    return [...this.#slots.subarray(owner * longest, owner * longest + (this.#sizes[owner] ?? 0))]
  }

  /** False when the list is full or has it already. */
  add(owner: number, entry: number): boolean {
    const size = this.#sizes[owner] ?? 0
    if (size === longest || this.of(owner).includes(entry)) return false
    this.#slots[owner * longest + size] = entry
    this.#sizes[owner] = size + 1
    return true
  }
}

/** Adds random entries until `wanted` are in; gives up where too few people make that impossible. */
function fill(random: Random, count: number, wanted: number, add: (owner: number, other: number) => boolean): void {
  let missing = wanted
  for (let tries = wanted * 50; missing > 0 && tries > 0; tries -= 1) {
    const owner = random.below(count)
    const other = random.below(count)
    if (owner !== other && add(owner, other)) missing -= 1
  }
}

/** Copies follows into the other side's list in random order, until `wanted` edges stand in both. */
function mirror(random: Random, count: number, wanted: number, follows: Lists, followedBy: Lists): void {
  const owners = new Uint32Array(count * longest)
  for (let i = 0; i < owners.length; i += 1) owners[i] = i
  let missing = wanted
  for (const slot of shuffle(random, owners)) {
    if (missing === 0) return
    const owner = Math.floor(slot / longest)
    const followed = follows.of(owner)[slot % longest]
    if (followed !== undefined && followedBy.add(followed, owner)) missing -= 1
  }
}

/** Objects of `edges1.json`, lines indented by four. Some 60 bytes of memory for each user. */
export function* edgesJson(people: Population, seed: number): Generator<string> {
  const random = seededRandom(seed, 'edges')
  const count = Math.round((people.count * real.objects) / realUsers)
  const member = permutation(random, people.count).subarray(0, count).sort()
  const scaled = (entries: number) => Math.round((count * entries) / real.objects)
  const follows = new Lists(count)
  const followedBy = new Lists(count)
  fill(random, count, scaled(real.follows), (owner, other) => follows.add(owner, other))
  mirror(random, count, scaled(real.shared), follows, followedBy)
  fill(random, count, scaled(real.followedBy) - scaled(real.shared), (owner, other) => {
    return !follows.of(other).includes(owner) && followedBy.add(owner, other)
  })
  const textual = exactShares(random, count * 2, [1 - asText, asText])
  for (let owner = 0; owner < count; owner += 1) {
    const list = (lists: Lists, side: number) => {
      const ids = lists.of(owner).map((other) => people.id(member[other] ?? 0))
      if (textual[owner * 2 + side] === 1) return `"${ids.join(', ')}"`
      return ids.length === 0 ? '[]' : `[\n${ids.map((id) => `            ${id}`).join(',\n')}\n        ]`
    }
    const id = people.id(member[owner] ?? 0)
    yield `    {\n        "follows": ${list(follows, 0)},\n        "is_followed_by": ${list(followedBy, 1)},\n        "id": ${id}\n    }`
  }
}
