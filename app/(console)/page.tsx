import { OverviewPage } from '#components/pipeline/overview-page.tsx'

export default function Page() {
  return <OverviewPage />
}
