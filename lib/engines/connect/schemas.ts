/** What Connect's REST interface answers (Kafka 4.3). Unknown members are left out. */
import { z } from 'zod'
import { decimal } from '#lib/engines/json.ts'

const Task = z.object({ id: z.number().int(), state: z.string(), trace: z.string().optional() })

/** `GET /connectors?expand=status` */
export const Connectors = z.record(
  z.string(),
  z.object({
    status: z.object({
      connector: z.object({ state: z.string(), trace: z.string().optional() }),
      tasks: z.array(Task),
      type: z.enum(['source', 'sink', 'unknown']),
    }),
  }),
)
export type Connectors = z.infer<typeof Connectors>

/** `GET /connectors/NAME/config` */
export const ConnectorConfig = z.record(z.string(), z.string())

/** `GET /connectors/NAME/offsets` (KIP-875), as our source connector writes them. */
export const Offsets = z.object({
  offsets: z.array(
    z.object({
      partition: z.record(z.string(), z.unknown()),
      offset: z.object({ seq: decimal, above: z.string().optional() }).nullable(),
    }),
  ),
})
