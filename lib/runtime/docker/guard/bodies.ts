/**
 * Bodies with which the guard lets objects be made. Strict: a key that is not here is refused, whatever its value, so all that
 * Docker can do beyond it (Privileged, host namespaces, devices, capabilities, binds, runtimes, sysctls ...) is out by default.
 */
import { z } from 'zod'
import { imageName, ownLabels, ownName, type Scope } from './scope.ts'

const words = z.array(z.string())
const mebibytes = z
  .number()
  .int()
  .min(1 << 20)
/** TCP alone, on loopback alone. */
const portKey = z.string().regex(/^[1-9]\d{0,4}\/tcp$/)
const published = z.strictObject({ HostIp: z.literal('127.0.0.1'), HostPort: z.string().regex(/^[1-9]\d{0,4}$/) })

/** Named volumes only, below folders that are made for them; without options, which can name folders of the machine. */
const mount = (scope: Scope) =>
  z.strictObject({
    Type: z.literal('volume'),
    Source: ownName(scope),
    Target: z.string().regex(/^\/(conf|data\/[a-z][a-z0-9-]*)$/),
  })

const hostConfig = (scope: Scope) =>
  z.strictObject({
    NetworkMode: ownName(scope),
    Mounts: z.array(mount(scope)),
    // For what stands between a swarm and the ports of this machine; services are started again by the console.
    RestartPolicy: z.strictObject({ Name: z.literal('unless-stopped') }).optional(),
    Memory: mebibytes,
    MemorySwap: mebibytes,
    PidsLimit: z.number().int().min(1).max(10_000),
    PortBindings: z.record(portKey, z.array(published).length(1)),
    ReadonlyRootfs: z.literal(true),
    CapDrop: z.tuple([z.literal('ALL')]),
    SecurityOpt: z.tuple([z.literal('no-new-privileges')]),
    Tmpfs: z.strictObject({ '/tmp': z.string().regex(/^rw,(no)?exec,nosuid,nodev,size=\d{1,5}m,mode=1777$/) }),
    LogConfig: z.strictObject({
      Type: z.literal('json-file'),
      Config: z.strictObject({ 'max-size': z.string().regex(/^\d+m$/), 'max-file': z.string().regex(/^\d$/) }),
    }),
  })

export const containerBody = (scope: Scope) =>
  z
    .strictObject({
      Image: imageName(scope),
      /** For images of others, whose own may be root. */
      User: z.literal('1000:1000').optional(),
      Hostname: z.string().regex(/^[a-z][a-z0-9-]*$/),
      Labels: ownLabels(scope),
      Entrypoint: words.length(0),
      Cmd: words.min(1),
      Env: words,
      WorkingDir: z.literal('/conf'),
      StopSignal: z.literal('SIGTERM'),
      ExposedPorts: z.record(portKey, z.strictObject({})),
      HostConfig: hostConfig(scope),
      NetworkingConfig: z.strictObject({
        EndpointsConfig: z.record(
          ownName(scope),
          z.strictObject({ Aliases: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)) }),
        ),
      }),
    })
    .refine(
      ({ HostConfig, NetworkingConfig }) =>
        Object.keys(NetworkingConfig.EndpointsConfig).every((name) => name === HostConfig.NetworkMode),
      { error: 'the container may join its own network only' },
    )

export type ContainerBody = z.infer<ReturnType<typeof containerBody>>

export const networkBody = (scope: Scope) => {
  const common = {
    Name: ownName(scope),
    // Engines before 25 make a second network of the same name otherwise.
    CheckDuplicate: z.literal(true),
    Labels: ownLabels(scope),
  }
  return z.union([
    z.strictObject({ ...common, Driver: z.literal('bridge') }),
    // Of a swarm: containers that are no tasks may join it too.
    z.strictObject({ ...common, Driver: z.literal('overlay'), Attachable: z.literal(true) }),
  ])
}

export const volumeBody = (scope: Scope) =>
  z.strictObject({ Name: ownName(scope), Driver: z.literal('local'), Labels: ownLabels(scope) })
