/** Where one can go, in the order of the line: first the whole, then its parts, then the console itself. */
import {
  Activity,
  Cable,
  ChartPie,
  Database,
  type LucideIcon,
  MessagesSquare,
  Repeat,
  Server,
  Settings,
  SquareTerminal,
  Users,
  Waypoints,
} from 'lucide-react'

export const places = [
  { id: 'overview', href: '/', icon: Waypoints },
  { id: 'replay', href: '/replay', icon: Repeat },
  { id: 'messages', href: '/messages', icon: MessagesSquare },
  { id: 'connectors', href: '/connectors', icon: Cable },
  { id: 'druid', href: '/druid', icon: Database },
  { id: 'analytics', href: '/analytics', icon: ChartPie },
  { id: 'personality', href: '/personality', icon: Users },
  { id: 'query', href: '/query', icon: SquareTerminal },
  { id: 'services', href: '/services', icon: Server },
  { id: 'activity', href: '/activity', icon: Activity },
  { id: 'settings', href: '/settings', icon: Settings },
] as const satisfies readonly { id: string; href: string; icon: LucideIcon }[]

export type Place = (typeof places)[number]

/** In the bar at the bottom of a narrow screen; the others are in its menu. */
export const frequentPlaces = places.filter((p) => ['overview', 'replay', 'messages', 'services'].includes(p.id))
