import { describe, expect, it } from 'vitest'
import { parseExitFile, parseProcessFile } from './wrapper.ts'

const stat = `4242 (a (odd) name) S 4241 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 987654 1 2 3`

describe('the record of a process', () => {
  it('is the boot and the start time, whatever the name of the program', () => {
    expect(parseProcessFile(`4241 4242 boot-1 ${stat}\n`)).toEqual({
      wrapperPid: 4241,
      pid: 4242,
      identity: 'boot-1 987654',
    })
  })

  it('takes the start time of ps where there is no /proc', () => {
    const record = parseProcessFile('4241 4242 - Mon Nov  3 10:00:00 2025\n')
    expect(record?.identity).toBe('- Mon Nov 3 10:00:00 2025')
  })

  it('is not there before its line is complete', () => {
    expect(parseProcessFile('')).toBeNull()
    expect(parseProcessFile(`4241 4242 boot-1 ${stat}`)).toBeNull()
  })
})

describe('the record of an end', () => {
  it('tells codes from signals', () => {
    expect(parseExitFile('3\n')).toEqual({ code: 3, signal: null })
    expect(parseExitFile('143\n')).toEqual({ code: null, signal: 'SIGTERM' })
    expect(parseExitFile('137\n')).toEqual({ code: null, signal: 'SIGKILL' })
    expect(parseExitFile('140\n')).toEqual({ code: null, signal: 'signal 12' })
  })

  it('is not there before its line is complete', () => {
    expect(parseExitFile('')).toBeNull()
    expect(parseExitFile('14')).toBeNull()
  })
})
