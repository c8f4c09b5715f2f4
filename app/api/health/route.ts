/** Whether a console answers here; asked before anybody is known, so it tells nothing else. */
export const GET = (): Response => Response.json({ ok: true }, { headers: { 'cache-control': 'no-store' } })
