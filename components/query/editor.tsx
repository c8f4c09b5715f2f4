'use client'
/** The editor itself, loaded when it is needed: CodeMirror is larger than the rest of the page. */
import { SQLDialect as Dialects, type SQLDialect, StandardSQL, sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import CodeMirror, {
  Decoration,
  type DecorationSet,
  type EditorState,
  EditorView,
  keymap,
  Prec,
  type ReactCodeMirrorRef,
  StateEffect,
  StateField,
  type Text,
} from '@uiw/react-codemirror'
import { useTheme } from 'next-themes'
import { useEffect, useMemo, useRef } from 'react'
import type { QueryEngine, SqlPosition } from '#lib/pipeline/query.ts'

const dialects: Readonly<Record<QueryEngine, SQLDialect>> = {
  druid: Dialects.define({ ...StandardSQL.spec, slashComments: true, caseInsensitiveIdentifiers: true }),
  hive: Dialects.define({
    ...StandardSQL.spec,
    backslashEscapes: true,
    doubleQuotedStrings: true,
    identifierQuotes: '`',
    caseInsensitiveIdentifiers: true,
  }),
}

const tweetColumns = ['user_id', 'tweet', 'timestamp', 'run_id', 'seq', 'sent_at']

/** Offered while one writes. */
const schemas: Readonly<Record<QueryEngine, Readonly<Record<string, readonly string[]>>>> = {
  druid: { tweets: ['__time', 'user_id', 'tweet', 'run_id', 'seq', 'sent_at', 'kafka_ts', 'kafka_key'] },
  hive: {
    users: [
      ...['id', 'screen_name', 'location', 'verified', 'statuses_count', 'total_retweet_count'],
      ...['total_favorite_count', 'total_hashtag_count', 'total_mentions_count', 'total_media_count'],
    ],
    edges: ['src', 'dst'],
    mbti_labels: ['id', 'mbti_personality', 'pers_id'],
    tweets_landed: [...tweetColumns, 'kafka_partition', 'kafka_offset', 'kafka_timestamp', 'kafka_key'],
  },
}

/** The console's own colours, which follow its theme by themselves. */
const look = (dark: boolean) =>
  EditorView.theme(
    {
      '&': { backgroundColor: 'var(--surface)', color: 'var(--ink)', fontSize: '0.8125rem' },
      '&.cm-focused': { outline: '2px solid var(--accent)' },
      '.cm-scroller': { fontFamily: 'var(--font-geist-mono), ui-monospace, monospace', lineHeight: '1.55' },
      '.cm-content': { caretColor: 'var(--ink)' },
      '.cm-cursor': { borderLeftColor: 'var(--ink)' },
      '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-faint)', borderRightColor: 'var(--line)' },
      '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '1px solid var(--line)' },
      '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
        backgroundColor: 'var(--accent-wash)',
        color: 'var(--ink)',
      },
      // Letters of a font that not everybody has.
      '.cm-completionIcon': { display: 'none' },
      '.cm-wrong': { textDecoration: 'underline wavy var(--down)', textUnderlineOffset: '3px' },
    },
    { dark },
  )

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--accent)', fontWeight: '500' },
    { tag: tags.string, color: 'var(--up)' },
    // Names in quotes: a name like others.
    { tag: tags.special(tags.string), color: 'var(--ink)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--starting)' },
    { tag: tags.typeName, color: 'var(--degraded)' },
    { tag: tags.comment, color: 'var(--ink-faint)', fontStyle: 'italic' },
  ]),
)

const wrong = Decoration.mark({ class: 'cm-wrong' })
const setMark = StateEffect.define<SqlPosition | null>()

/** Where the position lies in the text; the engine has seen the same text, so a place outside it means its last. */
export function offsetOf(doc: Text, { line, column }: SqlPosition): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines))
  return Math.min(from + Math.max(0, column - 1), to)
}

/** The word that begins at the position, or the character before it where the text ends. */
function marksAt(state: EditorState, position: SqlPosition): DecorationSet {
  const at = offsetOf(state.doc, position)
  const word = state.wordAt(at)
  const to = word !== null && word.from === at ? word.to : Math.min(at + 1, state.doc.length)
  const from = at === to ? Math.max(0, at - 1) : at
  return from === to ? Decoration.none : Decoration.set([wrong.range(from, to)])
}

/** Underlines the place of an error until the text is changed. */
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, { docChanged, effects, state }) {
    for (const effect of effects)
      if (effect.is(setMark)) return effect.value === null ? Decoration.none : marksAt(state, effect.value)
    return docChanged ? Decoration.none : before
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** The browser finds text by itself; colours are ours. */
const setup = {
  foldGutter: false,
  searchKeymap: false,
  lintKeymap: false,
  highlightActiveLine: false,
  highlightActiveLineGutter: false,
  syntaxHighlighting: false,
}

export interface EditorProps {
  engine: QueryEngine
  value: string
  onChange: (value: string) => void
  /** Ctrl or ⌘ with Enter. */
  onRun: () => void
  label: string
  /** Id of what explains the keys. */
  describedBy: string
  mark: Mark | null
}

/** The place of an error. */
export interface Mark extends SqlPosition {
  /** Leads there, instead of only showing it. */
  readonly focus: boolean
}

export default function Editor({ engine, value, onChange, onRun, label, describedBy, mark }: EditorProps) {
  const dark = useTheme().resolvedTheme === 'dark'
  const editor = useRef<ReactCodeMirrorRef>(null)
  const run = useRef(onRun)
  useEffect(() => {
    run.current = onRun
  })
  useEffect(() => {
    const view = editor.current?.view
    if (view === undefined) return
    view.dispatch({ effects: setMark.of(mark) })
    if (!mark?.focus) return
    view.dispatch({ selection: { anchor: offsetOf(view.state.doc, mark) }, scrollIntoView: true })
    view.focus()
  }, [mark])
  const extensions = useMemo(() => {
    const onKey = () => {
      run.current()
      return true
    }
    const runs = keymap.of([{ key: 'Mod-Enter', run: onKey }])
    const attributes = EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy })
    const language = sql({ dialect: dialects[engine], schema: schemas[engine], upperCaseKeywords: true })
    return [Prec.highest(runs), language, attributes, EditorView.lineWrapping, look(dark), colours, marked]
  }, [engine, label, describedBy, dark])
  return (
    <CodeMirror
      ref={editor}
      value={value}
      onChange={onChange}
      extensions={extensions}
      theme="none"
      // The key leaves the editor, as it leaves every other control.
      indentWithTab={false}
      basicSetup={setup}
      minHeight="9rem"
      maxHeight="24rem"
    />
  )
}
