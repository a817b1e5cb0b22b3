// Requests over time, by what came of them: bars, what the keyboard or a finger points at, and a table of the same.

import { numberOf, Problem, useNow, useResource, useWords } from '@gosend/dashboard-ui'
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { answer, api } from '../api.js'
import { type DashboardTranslate, useTexts, withElements } from '../locale.js'
import { labelsOf } from './labels.js'
import { OutcomePlot } from './outcome-plot.js'
import { type Series, type Step, startsOf, type Timeline, timelineOf, usesOf } from './timeline.js'

export interface OutcomeChartProps {
  readonly projectId: string
  /** Only requests with this key. */
  readonly keyId?: string | undefined
  /** Another one is another state of what is counted. */
  readonly version?: string
  /** Whether the service counts what came of requests; otherwise only those that were accepted, by the day. */
  readonly countsOutcomes: boolean
}

export function OutcomeChart({ projectId, keyId, version = '', countsOutcomes }: OutcomeChartProps) {
  const t = useTexts()
  const { language } = useWords()
  const [step, setStep] = useState<Step>('day')
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const now = useNow()
  const titleId = useId()
  const name = ['chart', projectId, keyId, version, step].join(' ')
  const resource = useResource(name, () => read(step, { projectId, keyId, countsOutcomes }, now, t))
  const { problem, reload } = resource
  const data = useLatest(resource.data)
  const shown = useMemo(
    () => data && { ...data, series: data.series.filter(({ id }) => !hidden.has(id)) },
    [data, hidden],
  )
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    setHidden(next)
  }
  const total = shown?.series.reduce((sum, one) => sum + one.total, 0)
  const steps = (countsOutcomes ? ['hour', 'day', 'month'] : ['day', 'month']) as readonly Step[]
  return (
    <section class="card" aria-labelledby={titleId}>
      <header class="chart-head">
        <h2 id={titleId}>{t('requests')}</h2>
        {total !== undefined && <span class="figure">{numberOf(total, language)}</span>}
        <fieldset class="segments">
          <legend class="unseen">{t('per')}</legend>
          {steps.map((one) => (
            <label key={one}>
              <input
                class="unseen"
                type="radio"
                name={titleId}
                checked={one === step}
                onChange={() => setStep(one)}
              />
              {t(`step.${one}`)}
            </label>
          ))}
        </fieldset>
      </header>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {shown === undefined && problem === undefined && (
        <div class="plot skeleton-block" aria-busy="true">
          <span class="unseen">{t('loading')}</span>
        </div>
      )}
      {data && shown && (
        <>
          <OutcomePlot timeline={shown} />
          <Legend series={data.series} hidden={hidden} onToggle={toggle} />
          <CountTable timeline={data} />
        </>
      )}
      {!countsOutcomes && (
        <p class="hint">
          {withElements(t('acceptedOnly'), {
            option: <code>outcomes: true</code>,
            function: <code>createApiKeys</code>,
          })}
        </p>
      )}
    </section>
  )
}

/** What was shown before stays until what comes next is there. */
function useLatest<Data>(data: Data | undefined): Data | undefined {
  const latest = useRef(data)
  if (data !== undefined) latest.current = data
  return latest.current
}

async function read(
  step: Step,
  { projectId, keyId, countsOutcomes }: Omit<OutcomeChartProps, 'version'>,
  now: number,
  t: DashboardTranslate,
): Promise<Timeline> {
  const path = { projectId }
  const from = startsOf(step, now)[0]?.toISOString().slice(0, 10)
  const query = { ...(from !== undefined && { from }), ...(keyId !== undefined && { keyId }) }
  if (countsOutcomes) {
    const params = { path, query: { step, ...query } }
    return timelineOf(await answer(api.GET('/projects/{projectId}/outcomes', { params })), step, now, t)
  }
  const usage = await answer(api.GET('/projects/{projectId}/usage', { params: { path, query } }))
  return usesOf(usage, step === 'month' ? 'month' : 'day', now, t)
}

interface LegendProps {
  readonly series: readonly Series[]
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (id: string) => void
}

function Legend({ series, hidden, onToggle }: LegendProps) {
  const t = useTexts()
  const { language } = useWords()
  if (series.length === 0) return <p class="hint chart-none">{t('requestsNoneInTime')}</p>
  return (
    <ul class="legend" aria-label={t('outcomes')}>
      {series.map(({ id, name, tint, total }) => (
        <li key={id}>
          <button
            type="button"
            aria-pressed={!hidden.has(id)}
            title={t(hidden.has(id) ? 'show' : 'hide')}
            onClick={() => onToggle(id)}
          >
            <span class={`swatch ${tint}`} />
            {name} <span class="number">{numberOf(total, language)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function CountTable({ timeline: { step, starts, series } }: { readonly timeline: Timeline }) {
  const t = useTexts()
  const { language } = useWords()
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const follow = () => setOpen(box.current?.open ?? false)
    box.current?.addEventListener('toggle', follow)
    return () => box.current?.removeEventListener('toggle', follow)
  }, [])
  const label = labelsOf(step, language)
  return (
    <details class="chart-table" ref={box}>
      <summary>{t('asTable')}</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        <section class="table-box" aria-label={t('requestsTable')} tabIndex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t(`step.${step}`)}</th>
                {series.map(({ id, name }) => (
                  <th key={id} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {starts.map((start, place) => (
                <tr key={start.getTime()}>
                  <th scope="row">{label(start)}</th>
                  {series.map(({ id, counts }) => (
                    <td key={id}>{numberOf(counts[place] ?? 0, language)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
