/**
 * Images of vendors that may run a service in place of ours, each named in the member `images` of AVIARY_HOME/settings.json. The
 * configuration stays ours, so only where it fits: what differs inside such an image stands here, or why none can be used.
 */
import { z } from 'zod'
import { type ServiceId, serviceIds } from '#lib/pipeline/stages.ts'

export interface VendorImage {
  /** Of the Java program; null where the program is found where ours is. */
  readonly classPath: string | null
}

const ownDruid = "Aviary's Druid has its extensions on one class path, which the official image has not"

const images: Readonly<Record<ServiceId, VendorImage | string>> = {
  // eclipse-mosquitto: /usr/sbin/mosquitto, as Debian has it.
  mosquitto: { classPath: null },
  // apache/kafka: the distribution, unpacked.
  kafka: { classPath: '/opt/kafka/libs/*' },
  zookeeper: 'the official image keeps its jars in a folder of its version, and logs by other means',
  connect: "it needs Aviary's connectors, which no other image has",
  'druid-coordinator': ownDruid,
  'druid-broker': ownDruid,
  'druid-historical': ownDruid,
  'druid-middlemanager': ownDruid,
  'druid-router': ownDruid,
  hive: 'Aviary runs Hive on Java 17 with Tez inside HiveServer2, and the official image brings neither',
  superset: 'the official image has no drivers for Druid and Hive',
}

/** null where the service runs in an image of ours alone. */
export const vendorImage = (service: ServiceId): VendorImage | null => {
  const found = images[service]
  return typeof found === 'string' ? null : found
}

const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const host = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\\d{1,5})?'
const repository = `(?:${host}/)?${part}(?:/${part})*`
const ImageName = z
  .string()
  .max(255)
  .regex(
    new RegExp(`^${repository}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$`),
    'must be an image with its tag or digest: NAME:TAG or NAME@sha256:DIGEST',
  )
  .refine((name) => !name.startsWith('aviary/'), { error: "must not be one of Aviary's own" })

export type ImageSettings = Readonly<Partial<Record<ServiceId, string>>>

/** Every service may be named, so that one that cannot be has its reason told. */
export const ImageSettings: z.ZodType<ImageSettings> = z
  .partialRecord(z.enum(serviceIds), ImageName)
  .superRefine((named, context) => {
    for (const id of serviceIds) {
      const fits = images[id]
      if (id in named && typeof fits === 'string')
        context.addIssue({ code: 'custom', path: [id], message: `cannot be another image: ${fits}` })
    }
  })

/** As Docker's API wants it to pull one. */
export function nameParts(name: string): { fromImage: string; tag: string } {
  const cut = name.includes('@') ? name.indexOf('@') : name.lastIndexOf(':')
  return { fromImage: name.slice(0, cut), tag: name.slice(cut + 1) }
}

/** Several, separated by blanks or commas: what a gate lets its console pull and run. */
export const ImageList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .pipe(z.array(ImageName))
