// The whole page: who is looking, which project, which view.

import { NowProvider, PageSkeleton, Problem, useClock } from '@gosend/dashboard-ui'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { hrefTo, parseRoute, type Route, takeKeyFromAddress } from './address.js'
import { api, type Key, onUnauthorized, type Project, type Session } from './api.js'
import { ExtensionPage, type ExtensionPages, searchesOf, useExtensions } from './extensions.js'
import { Environments } from './keys/badges.js'
import { filterIn, type KeyFilter, queryOf } from './keys/filter.js'
import { type KeysHost, KeysHostProvider } from './keys/host.js'
import type { KeyTask } from './keys/key-dialogs.js'
import { KeysPage } from './keys/keys-page.js'
import { mergeKeys, useKey, useKeys } from './keys/use-keys.js'
import { type DashboardTranslate, useTexts } from './locale.js'
import { isThere, Navigation, viewsFor } from './navigation.js'
import { type Projects, useProjects } from './projects/use-projects.js'
import { navigate, replaceAddress, replaceQuery, scrolledBefore, useRoute } from './route.js'
import { mayCheck, readSession, signInWith, signOut } from './session.js'
import { settings } from './settings.js'
import { lazy } from './ui/lazy.js'
import type { Place } from './ui/palette.js'
import { useCommandK, useShortcuts } from './ui/shortcuts.js'
import { announce, Toasts } from './ui/toast.js'

const SignIn = lazy(async () => (await import('./sign-in.js')).SignIn)
const SessionEnded = lazy(async () => (await import('./sign-in.js')).SessionEnded)
const views = () => import('./views.js')
const KeyPage = lazy(async () => (await views()).KeyPage, PageSkeleton)
const KeyDialog = lazy(async () => (await import('./keys/key-dialogs.js')).KeyDialog)
const Palette = lazy(async () => (await import('./ui/palette.js')).Palette)
const ShortcutHelp = lazy(async () => (await import('./ui/shortcut-help.js')).ShortcutHelp)
const NewProjectDialog = lazy(async () => (await views()).NewProjectDialog)
const CheckPage = lazy(async () => (await views()).CheckPage, PageSkeleton)
const UsagePage = lazy(async () => (await views()).UsagePage, PageSkeleton)
const ActivityPage = lazy(async () => (await views()).ActivityPage, PageSkeleton)
const SettingsPage = lazy(async () => (await views()).SettingsPage, PageSkeleton)

type Access = 'unknown' | 'none' | Session

/** Pages of extensions tell of it when their own calls are refused. */
const SESSION_ENDED = 'gosend-session-ended'

export function App() {
  const [access, setAccess] = useState<Access>('unknown')
  const [isEnded, setEnded] = useState(false)
  const host = useMemo(() => hostFor(typeof access === 'object' ? access : undefined), [access])
  const open = (session: Session) => {
    setAccess(session)
    setEnded(false)
  }

  useLayoutEffect(() => {
    // What people had before them stays, with all that they have typed, until they are back.
    const leave = () => {
      setAccess((was) => (typeof was === 'object' ? was : 'none'))
      setEnded(true)
    }
    const followAddress = () => {
      const adminKey = takeKeyFromAddress()
      if (adminKey !== undefined) signInWith(adminKey).then(open, leave)
      return adminKey !== undefined
    }
    onUnauthorized.add(leave)
    addEventListener('hashchange', followAddress)
    addEventListener(SESSION_ENDED, leave)
    // The key is still there where another policy than the page's own has stopped the script that the page begins with.
    if (!followAddress()) readSession().then(open, leave)
    return () => {
      onUnauthorized.delete(leave)
      removeEventListener('hashchange', followAddress)
      removeEventListener(SESSION_ENDED, leave)
    }
  }, [])

  return (
    <>
      {access === 'none' && <SignIn onSession={open} />}
      {typeof access === 'object' && (
        <KeysHostProvider value={host}>
          <Dashboard session={access} onSignOut={() => signOut().finally(() => setAccess('none'))} />
        </KeysHostProvider>
      )}
      {typeof access === 'object' && isEnded && (
        <SessionEnded
          onSession={(session) => {
            open(session)
            // All that is shown reads its data anew, as after a while in the background.
            document.dispatchEvent(new Event('visibilitychange'))
          }}
        />
      )}
    </>
  )
}

const hostFor = (session: Session | undefined): KeysHost => ({
  api,
  variable: settings.variable,
  endpoint: settings.endpoint,
  isReadOnly: session?.readOnly === true,
  countsOutcomes: session?.countsOutcomes === true,
  ownsHistory: true,
  announce,
})

interface DashboardProps {
  readonly session: Session
  readonly onSignOut: () => void
}

function Dashboard({ session, onSignOut }: DashboardProps) {
  const [clockOffset] = useState(() => Date.parse(session.now) - Date.now())
  const now = useClock(clockOffset)
  const route = useRoute()
  const projects = useProjects(route.projectId)
  const t = useTexts()
  const { extensions, problem } = useExtensions()
  const [dialog, setDialog] = useState<'help' | 'project' | 'palette'>()
  const project = projects.opened ?? undefined
  const first = projects.listed?.[0]

  useLayoutEffect(() => {
    const isNowhere = parseRoute(location.hash).projectId === undefined
    const [section, item] = settings.home.split('/')
    if (isNowhere && first !== undefined) replaceAddress(hrefTo(first.id, section, item))
  }, [route.projectId, first?.id])

  useShortcuts({
    '?': () => setDialog('help'),
    ...(project && placeShortcuts(project.id, session, extensions)),
  })

  useCommandK(() => setDialog('palette'))
  // A dialog tells that it is closed a moment later, when the next one may be open.
  const closing = (closed: typeof dialog) => () => setDialog((now) => (now === closed ? undefined : now))
  const mayCreate = session.managesAll && !session.readOnly

  return (
    <NowProvider value={now}>
      <Environments.Provider value={session.environments}>
        <button type="button" class="button skip" onClick={skipToMain}>
          {t('skip')}
        </button>
        <Navigation
          session={session}
          projects={projects.listed ?? []}
          project={project}
          section={route.section}
          item={route.item}
          extensions={extensions}
          onNewProject={() => setDialog('project')}
          onGo={() => setDialog('palette')}
          onHelp={() => setDialog('help')}
          onSignOut={onSignOut}
        />
        <main id="main" class="main" tabIndex={-1}>
          {problem !== undefined && <Problem text={problem} />}
          {projects.problem !== undefined && <Problem text={projects.problem} onRetry={projects.reload} />}
          {project && (
            <ProjectView
              key={project.id}
              {...{ project, route, session, extensions }}
              onChange={projects.put}
            />
          )}
          {project === undefined && (
            <WithoutProject
              projects={projects}
              isOpening={route.projectId !== undefined}
              onNew={mayCreate ? () => setDialog('project') : undefined}
            />
          )}
        </main>
        {dialog === 'palette' && (
          <Palette
            places={placesFor(session, project, projects.listed ?? [], extensions, t)}
            projectId={project?.id}
            searches={project === undefined ? [] : searchesOf(extensions, project)}
            onClose={closing('palette')}
          />
        )}
        {dialog === 'help' && (
          <ShortcutHelp pages={extensions.flatMap(({ pages }) => pages)} onClose={closing('help')} />
        )}
        {dialog === 'project' && (
          <NewProjectDialog
            onCreate={(made) => {
              projects.put(made)
              navigate(hrefTo(made.id))
            }}
            onClose={closing('project')}
          />
        )}
        <Toasts />
      </Environments.Provider>
    </NowProvider>
  )
}

interface WithoutProjectProps {
  readonly projects: Projects
  /** Whether the address names one. */
  readonly isOpening: boolean
  /** Undefined for people who may not make any. */
  readonly onNew: (() => void) | undefined
}

function WithoutProject({ projects: { listed, opened, problem }, isOpening, onNew }: WithoutProjectProps) {
  const t = useTexts()
  if (opened === null) return <Nothing title={t('projectUnknown')} text={t('projectUnknownText')} />
  if (listed === undefined || isOpening || listed.length > 0)
    return problem === undefined ? <PageSkeleton /> : null
  return (
    <Nothing title={t('projectNone')} text={t(onNew ? 'projectNoneText' : 'projectNoneYours')}>
      {onNew && (
        <button type="button" class="button primary" onClick={onNew}>
          {t('projectCreate')}
        </button>
      )}
    </Nothing>
  )
}

/** All that people can go to without asking the service. */
function placesFor(
  session: Session,
  project: Project | undefined,
  projects: readonly Project[],
  extensions: readonly ExtensionPages[],
  t: DashboardTranslate,
): readonly Place[] {
  const views = project === undefined ? [] : viewsFor(session)
  const pages = project === undefined ? [] : extensions
  const id = project?.id ?? ''
  return [
    ...views.map((view) => ({ title: t(view.id), kind: t('view'), href: hrefTo(id, view.id) })),
    ...pages.flatMap(({ name, pages }) =>
      pages.map((page) => ({ title: page.title, kind: t('view'), href: hrefTo(id, name, page.id) })),
    ),
    ...projects.map((one) => ({ title: one.name, kind: t('project'), href: hrefTo(one.id) })),
  ]
}

/** `g` and a letter lead to each view. */
const placeShortcuts = (projectId: string, session: Session, extensions: readonly ExtensionPages[]) => ({
  'g k': () => navigate(hrefTo(projectId)),
  ...(isThere('usage') && { 'g u': () => navigate(hrefTo(projectId, 'usage')) }),
  ...(mayCheck(session) && { 'g v': () => navigate(hrefTo(projectId, 'check')) }),
  'g a': () => navigate(hrefTo(projectId, 'activity')),
  ...(isThere('settings') && { 'g s': () => navigate(hrefTo(projectId, 'settings')) }),
  ...pageShortcuts(extensions, projectId),
})

const pageShortcuts = (extensions: readonly ExtensionPages[], projectId: string) =>
  Object.fromEntries(
    extensions.flatMap(({ name, pages }) =>
      pages
        .filter(({ shortcut }) => shortcut !== undefined)
        .map(({ id, shortcut }) => [`g ${shortcut}`, () => navigate(hrefTo(projectId, name, id))]),
    ),
  )

interface ProjectViewProps {
  readonly project: Project
  readonly route: Route
  readonly session: Session
  readonly extensions: readonly ExtensionPages[]
  readonly onChange: (project: Project) => void
}

function ProjectView({ project, route, session, extensions, onChange }: ProjectViewProps) {
  const { section, item } = route
  const t = useTexts()
  const { filter, query } = useFilter(route)
  const list = useKeys(project.id, filter)
  const [task, setTask] = useState<KeyTask>()
  const { countsOutcomes } = session
  const page = extensions.find(({ name }) => name === section)?.pages.find(({ id }) => id === item)
  const opened = useKey(project.id, section === 'keys' ? item : undefined)
  const record = opened.data?.[0] ?? list.keys?.find(({ id }) => section === 'keys' && id === item)
  const titles: Readonly<Record<string, string>> = {
    keys: record?.label ?? t('keys'),
    usage: t('usage'),
    check: t('check'),
    activity: t('activity'),
    settings: t('settings'),
  }
  const title = page?.title ?? titles[section]

  useEffect(() => {
    document.title = [title, project.name, settings.title].filter(Boolean).join(' · ')
  }, [title, project.name])
  const isFirst = useRef(true)
  // A list is where people left it, anything else begins at its top, and without the dialogs of the view before.
  useLayoutEffect(() => {
    history.scrollRestoration = page === undefined ? 'manual' : 'auto'
    scrollTo(0, item === undefined ? scrolledBefore() : 0)
  }, [section, item])
  useEffect(() => {
    setTask(undefined)
    // The link that opened it may have gone with the view before, and the keyboard would begin at the top of the page.
    if (!isFirst.current && document.activeElement === document.body) skipToMain()
    isFirst.current = false
  }, [section, item])

  const changeKeys = (changed: readonly Key[]) => {
    list.change(changed)
    const changes = changed.filter(({ id }) => id === item)
    opened.change((keys) => mergeKeys(keys, changes))
  }

  const shown: Readonly<Record<string, () => ComponentChildren>> = {
    keys() {
      if (item === undefined) {
        const { environments } = session
        return (
          <KeysPage
            projectId={project.id}
            onFilter={(next) => replaceQuery(queryOf(next))}
            onTask={setTask}
            {...{ list, filter, environments }}
          />
        )
      }
      if (record) {
        const back = hrefTo(project.id, 'keys', undefined, query)
        return <KeyPage {...{ record, countsOutcomes, back }} onTask={setTask} onChange={changeKeys} />
      }
      if (opened.problem !== undefined) return <Problem text={opened.problem} onRetry={opened.reload} />
      return opened.data === undefined ? <PageSkeleton /> : <Nothing title={t('keyUnknown')} />
    },
    usage: () => <UsagePage projectId={project.id} countsOutcomes={countsOutcomes} />,
    check: () => mayCheck(session) && <CheckPage environments={session.environments} />,
    activity: () => <ActivityPage projectId={project.id} />,
    settings: () => <SettingsPage project={project} session={session} onChange={onChange} />,
  }
  const view = Object.hasOwn(shown, section) && isThere(section) ? shown[section] : undefined
  const isComing = extensions.length === 0 && settings.extensions.some(({ name }) => name === section)

  return (
    <>
      {project.status === 'suspended' && section !== 'settings' && <Problem text={t('suspended')} />}
      {page && <ExtensionPage page={page} project={project} />}
      {!page && isComing && <PageSkeleton />}
      {!page && !isComing && (view?.() ?? <Nothing title={t('nothingHere')} />)}
      {task && (
        <KeyDialog
          task={task}
          projectId={project.id}
          environments={session.environments}
          keys={list.keys ?? []}
          onChange={changeKeys}
          onClose={() => setTask(undefined)}
        />
      )}
    </>
  )
}

/** What the list of keys is narrowed by, in its address; kept while one of them is looked at. */
function useFilter({ section, item, query }: Route): { readonly filter: KeyFilter; readonly query: string } {
  const latest = useRef(query)
  if (section === 'keys' && item === undefined) latest.current = query
  const { current } = latest
  return useMemo(() => ({ filter: filterIn(current), query: current }), [current])
}

interface NothingProps {
  readonly title: string
  readonly text?: string
  readonly children?: ComponentChildren
}

function Nothing({ title, text, children }: NothingProps) {
  return (
    <div class="empty card">
      <h1>{title}</h1>
      {text !== undefined && <p>{text}</p>}
      {children}
    </div>
  )
}

// No link, because the fragment of the address holds the view.
function skipToMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true })
}
