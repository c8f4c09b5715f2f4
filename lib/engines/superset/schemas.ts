/** What Superset's REST interface answers (6.1). Unknown members are left out. */
import { z } from 'zod'

/** `POST /api/v1/security/login` */
export const Login = z.object({ access_token: z.string() })

/** `GET /api/v1/security/csrf_token/` */
export const CsrfToken = z.object({ result: z.string() })

/** `POST /api/v1/security/guest_token/` */
export const GuestToken = z.object({ token: z.string() })

/** `GET /api/v1/dashboard/?q=…` with the columns of DashboardRow. */
export const DashboardList = z.object({
  result: z.array(
    z.object({
      slug: z.string(),
      dashboard_title: z.string(),
      certification_details: z.string().nullable(),
    }),
  ),
})
export type DashboardRow = z.infer<typeof DashboardList>['result'][number]

/** `GET` and `POST /api/v1/dashboard/SLUG/embedded` */
export const Embedding = z.object({
  result: z.object({ uuid: z.string(), allowed_domains: z.array(z.string()) }),
})
export type Embedding = z.infer<typeof Embedding>
