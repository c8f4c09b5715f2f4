import { NotFound } from '#components/shell/trouble.tsx'

export default function Page() {
  return <NotFound />
}
