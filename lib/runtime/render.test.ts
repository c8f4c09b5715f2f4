import { describe, expect, it } from 'vitest'
import { render } from './render.ts'

describe('a template', () => {
  it('is filled in', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the templates' own notation
    expect(render('listener ${port} ${bind}', { port: 1883, bind: '::1' }, 't')).toBe('listener 1883 ::1')
  })

  it('fails on a name without a value, and on a value without a name', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the templates' own notation
    expect(() => render('${prot}', { port: 1 }, 'server.properties')).toThrow(/server\.properties asks for \$\{prot\}/)
    expect(() => render('', { port: 1 }, 'server.properties')).toThrow(/does not use port/)
  })
})
