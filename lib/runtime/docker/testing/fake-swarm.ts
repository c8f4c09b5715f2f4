/** For tests: what a swarm of one node adds to the engine of `fake-docker.ts`, on the wire as the real one as far as it is used. */
import { randomBytes } from 'node:crypto'
import type { ServiceBody } from '../guard/swarm.ts'
import type { Call, FakeContainer, FakeDocker } from './fake-docker.ts'

const newId = () => randomBytes(20).toString('hex').slice(0, 25)

const noLeader =
  "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online."

interface Held {
  readonly ID: string
  version: number
  Spec: ServiceBody
  UpdateStatus?: { State: string; Message: string }
}

export class FakeSwarm {
  readonly services = new Map<string, Held>()
  readonly secrets = new Map<
    string,
    { ID: string; Spec: { Name: string; Labels: Record<string, string>; Data: string } }
  >()
  state = 'active'
  manager = true
  /** Whether more than half of the managers answer. */
  leader = true
  /** Why no task can run; null lets them. */
  rejects: string | null = null
  /** Why no node takes a task; null where one does. */
  full: string | null = null
  /** Id of the node whose engine is asked. */
  node = newId()
  /** How the next update ends. */
  updateEnds = 'completed'
  readonly #engine: FakeDocker

  constructor(engine: FakeDocker) {
    this.#engine = engine
    engine.more = (call, kind) => this.#serve(call, kind)
  }

  named(name: string): Held | undefined {
    return [...this.services.values()].find(({ Spec }) => Spec.Name === name)
  }

  tasksOf(service: Held): FakeContainer[] {
    const mine = [...this.#engine.containers.values()].filter(({ name }) => name.startsWith(`${service.Spec.Name}.`))
    return mine.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #serve({ method, name, verb, url, body, answer }: Call, kind: string): boolean {
    if (kind === 'info')
      answer(200, {
        Swarm: { NodeID: this.node, LocalNodeState: this.state, ControlAvailable: this.manager },
      })
    else if (!['services', 'tasks', 'secrets'].includes(kind)) return false
    else if (this.state !== 'active') answer(503, { message: 'This node is not a swarm manager.' })
    else if (!this.leader) answer(500, { message: noLeader })
    else if (kind === 'tasks') answer(200, this.#tasks())
    else if (method === 'GET') answer(200, listed(kind === 'services' ? this.services : this.secrets, url))
    else if (kind === 'secrets') this.#secret(method, name, body, answer)
    else if (name === 'create') answer(201, { ID: this.#create(JSON.parse(body)).ID })
    else if (verb === 'update') this.#update(name, url, JSON.parse(body), answer)
    else {
      const service = this.services.get(name)
      this.services.delete(name)
      if (service !== undefined) for (const { id } of this.tasksOf(service)) this.#engine.containers.delete(id)
      answer(200)
    }
    return true
  }

  /** The node takes a task of each service again. */
  place(): void {
    this.full = null
    for (const { Spec } of this.services.values()) this.#begin(Spec, 1)
  }

  #secret(method: string, name: string, body: string, answer: Call['answer']) {
    if (method === 'DELETE') {
      const used = [...this.services.values()].some(({ Spec }) =>
        Spec.TaskTemplate.ContainerSpec.Secrets.some(({ SecretID }) => SecretID === name),
      )
      if (used) return answer(400, { message: 'secret is in use' })
      this.secrets.delete(name)
      return answer(204)
    }
    const Spec = JSON.parse(body)
    if ([...this.secrets.values()].some((held) => held.Spec.Name === Spec.Name))
      return answer(409, { message: 'only updates to Labels are allowed' })
    const ID = newId()
    this.secrets.set(ID, { ID, Spec })
    return answer(201, { ID })
  }

  #create(Spec: ServiceBody): Held {
    const held: Held = { ID: newId(), version: 1, Spec }
    this.services.set(held.ID, held)
    this.#fill(held)
    return held
  }

  #update(id: string, url: URL, Spec: ServiceBody, answer: Call['answer']) {
    const held = this.services.get(id)
    if (held === undefined) return answer(404, { message: 'service not found' })
    if (Number(url.searchParams.get('version')) !== held.version)
      return answer(500, { message: 'update out of sequence' })
    const replaced = JSON.stringify(held.Spec.TaskTemplate) !== JSON.stringify(Spec.TaskTemplate)
    Object.assign(held, { Spec, version: held.version + 1 })
    if (replaced) {
      for (const task of this.tasksOf(held)) this.#engine.end(task, 143)
      for (const task of this.tasksOf(held)) this.#engine.containers.delete(task.id)
      held.UpdateStatus = { State: this.updateEnds, Message: 'update paused due to failure' }
    }
    this.#fill(held)
    return answer(200)
  }

  /** As many tasks as are wanted; those that are too many go. */
  #fill(held: Held): void {
    const { Mode } = held.Spec
    if (this.rejects !== null || this.full !== null) return
    const tasks = this.tasksOf(held)
    for (const { id } of tasks.slice(Mode.Replicated.Replicas)) this.#engine.containers.delete(id)
    for (let slot = tasks.length + 1; slot <= Mode.Replicated.Replicas; slot++) this.#begin(held.Spec, slot)
  }

  #begin({ Name, TaskTemplate }: ServiceBody, slot: number): void {
    this.#engine.begin(this.#engine.add(`${Name}.${slot}.${newId()}`, { Labels: TaskTemplate.ContainerSpec.Labels }))
  }

  #taskStatus() {
    if (this.rejects !== null) return { State: 'rejected', Err: this.rejects }
    return this.full === null ? { State: 'running' } : { State: 'pending', Err: this.full }
  }

  #tasks(): unknown[] {
    return [...this.services.values()].map(({ Spec }) => ({
      CreatedAt: new Date().toISOString(),
      DesiredState: 'running',
      Spec: Spec.TaskTemplate,
      Status: this.#taskStatus(),
    }))
  }
}

function listed(all: Map<string, { ID: string; version?: number; Spec: { Name: string; Labels: object } }>, url: URL) {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as Record<string, string[]>
  return [...all.values()]
    .filter(({ ID, Spec }) => {
      const labels = Object.entries(Spec.Labels).map(([key, value]) => `${key}=${value}`)
      const named = (filters.name ?? []).length === 0 || filters.name?.some((name) => Spec.Name.startsWith(name))
      return (
        (filters.label ?? []).every((label) => labels.includes(label)) && named && (filters.id ?? [ID]).includes(ID)
      )
    })
    .map(({ version, ...rest }) => ({ ...rest, Version: { Index: version ?? 1 } }))
}
