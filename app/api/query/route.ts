import { allows } from '#lib/auth/roles.ts'
import { type QueryFormat, QueryRequest, type QueryResult, queryRoles } from '#lib/pipeline/query.ts'
import { Problem } from '#lib/problem.ts'
import { csvOf, ndjsonOf } from '#lib/query/files.ts'
import { handle } from '../handle.ts'

const subjectChars = 200

/**
 * Asks one query. It ends in the engine too when the caller leaves, which is how a page cancels it, or when the caller's session ends.
 * Answers a QueryResult, or its rows as a file.
 */
export const POST = handle(
  {
    role: 'operator',
    act: 'query.run',
    subject: (_, { engine, sql }) => `${engine}: ${sql.slice(0, subjectChars)}`,
    body: QueryRequest,
  },
  async ({ console, body, request, who }) => {
    const needed = queryRoles[body.engine]
    if (!allows(who.role, needed)) throw new Problem(403, `This needs the role ${needed}; this session has ${who.role}`)
    const ended = new AbortController()
    const stopListening = console.auth.onEnd((sessionId) => sessionId === who.sessionId && ended.abort())
    try {
      const signal = AbortSignal.any([request.signal, ended.signal])
      const result = await console.queries.run(body, { session: who.sessionId ?? who.who, signal })
      return body.format === 'json' ? result : fileOf(result, body.format, body.engine)
    } finally {
      stopListening()
    }
  },
)

const files: Readonly<Record<Exclude<QueryFormat, 'json'>, { type: string; write: typeof csvOf }>> = {
  csv: { type: 'text/csv; charset=utf-8; header=present', write: csvOf },
  ndjson: { type: 'application/x-ndjson; charset=utf-8', write: ndjsonOf },
}

/** `x-truncated` tells what a file cannot: that there were more rows. */
function fileOf(result: QueryResult, format: keyof typeof files, engine: string): Response {
  const { type, write } = files[format]
  const moment = new Date()
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-')
  const text = streamOf(write(result))
  return new Response(text, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="aviary-${engine}-${moment}.${format}"`,
      'cache-control': 'no-store',
      'x-truncated': String(result.truncated),
    },
  })
}

/** Written as fast as the caller takes it. */
function streamOf(pieces: Generator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = pieces.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}
