/** An account of Superset's: signs in when it has to, again when its token has ended, and carries what Superset wants with a write. */
import { EngineError } from '#lib/engines/errors.ts'
import { type Call, type HttpClient, httpStatus } from '#lib/engines/http.ts'
import { CsrfToken, Login } from './schemas.ts'

/** 401: the token has ended, or its user is gone. 422: it was signed with another key. */
const isStale = (error: unknown): boolean => [401, 422].includes(httpStatus(error) ?? 0)

export class Account {
  readonly #http: HttpClient
  readonly #name: string
  readonly #password: () => string
  #token: string | null = null

  constructor(http: HttpClient, name: string, password: () => string) {
    this.#http = http
    this.#name = name
    this.#password = password
  }

  /** Throws EngineError; when the signal aborts, its reason. */
  async call<T = undefined>(call: Call<T>): Promise<T> {
    const known = this.#token
    if (known !== null)
      try {
        return await this.#send(call, known)
      } catch (error) {
        if (!isStale(error)) throw error
        if (this.#token === known) this.#token = null
      }
    return this.#send(call, await this.#signIn(call.signal))
  }

  /** As `call`, for what changes something: Superset then also wants a token against forged requests, and the cookie it came with. */
  async write<T = undefined>(call: Call<T>): Promise<T> {
    let cookie = ''
    const { result } = await this.call({
      path: '/api/v1/security/csrf_token/',
      schema: CsrfToken,
      signal: call.signal,
      onCookies: (cookies) => {
        cookie = cookies.join('; ')
      },
    })
    return this.call({ method: 'POST', ...call, headers: { ...call.headers, 'x-csrftoken': result, cookie } })
  }

  #send<T>(call: Call<T>, token: string): Promise<T> {
    return this.#http.call({ ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } })
  }

  async #signIn(signal: AbortSignal): Promise<string> {
    const body = { username: this.#name, password: this.#password(), provider: 'db' }
    try {
      const path = '/api/v1/security/login'
      const { access_token } = await this.#http.call({ method: 'POST', path, body, schema: Login, signal })
      this.#token = access_token
      return access_token
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unauthorized') throw error
      throw new EngineError('superset', 'unauthorized', `Superset does not let the account ${this.#name} in`, {
        hint: 'Stop and start the service superset: it then takes over the passwords of this stack.',
        cause: error.cause,
      })
    }
  }
}
