// The side of the page (on a phone its top): the project, the views, and the way out.

import { Choice, Icon } from '@gosend/dashboard-ui'
import { useEffect, useRef } from 'preact/hooks'
import { hrefTo } from './address.js'
import type { Project, Session } from './api.js'
import type { ExtensionPages } from './extensions.js'
import { useTexts } from './locale.js'
import { navigate } from './route.js'
import { mayCheck } from './session.js'
import { settings } from './settings.js'
import { icons } from './ui/icons.js'
import { useTheme } from './ui/theme.js'

/** Their names are texts by the same name. */
const sections = [
  { id: 'keys', icon: icons.key },
  { id: 'usage', icon: icons.usage },
  { id: 'check', icon: icons.check },
  { id: 'activity', icon: icons.activity },
  { id: 'settings', icon: icons.settings },
] as const

/** Whether the host has left a section in. */
export const isThere = (section: string): boolean =>
  (section !== 'usage' || settings.features.usage) && (section !== 'settings' || settings.features.projects)

const COMMAND = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

/** The views that this person has. */
export const viewsFor = (session: Session) =>
  sections.filter(({ id }) => isThere(id) && (id !== 'check' || mayCheck(session)))

export interface NavigationProps {
  readonly session: Session
  readonly projects: readonly Project[]
  readonly project: Project | undefined
  readonly section: string
  readonly item: string | undefined
  readonly extensions: readonly ExtensionPages[]
  readonly onNewProject: () => void
  /** Opens the list of places. */
  readonly onGo: () => void
  readonly onHelp: () => void
  readonly onSignOut: () => void
}

export function Navigation(props: NavigationProps) {
  const { session, projects, project, section, item, extensions } = props
  const { features } = settings
  const t = useTexts()
  const nav = useRef<HTMLElement>(null)
  const { theme, next } = useTheme()
  // On a phone the views are one line that is longer than the screen.
  useEffect(() => {
    const current = nav.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [section, item, extensions])
  return (
    <div class="side">
      <p class="product">
        {settings.logo === null ? (
          <img src={new URL('./icon.svg', import.meta.url).href} alt="" width="24" height="24" />
        ) : (
          <img class="logo" src={settings.logo} alt="" height="24" />
        )}
        {settings.title}
      </p>

      <div class="switcher">
        {features.projects && projects.length > 0 && (
          <Choice
            aria-label={t('project')}
            value={project?.id ?? ''}
            options={[
              ...(project === undefined ? [['', t('projectChoose')] as const] : []),
              ...projects.map(({ id, name }) => [id, name] as const),
            ]}
            onChange={(id) => navigate(hrefTo(id))}
          />
        )}
        {features.projects && session.managesAll && !session.readOnly && (
          <button
            type="button"
            class="icon-button"
            aria-label={t('projectNew')}
            title={t('projectNew')}
            onClick={props.onNewProject}
          >
            <Icon path={icons.plus} />
          </button>
        )}
      </div>

      {project && (
        <nav ref={nav} aria-label={t('main')}>
          <ul>
            {viewsFor(session).map(({ id, icon }) => (
              <li key={id}>
                <a href={hrefTo(project.id, id)} aria-current={section === id ? 'page' : undefined}>
                  <Icon path={icon} />
                  {t(id)}
                </a>
              </li>
            ))}
            {extensions.flatMap(({ name, pages }) =>
              pages.map(({ id, title, icon }) => (
                <li key={`${name}/${id}`} class="added">
                  <a
                    href={hrefTo(project.id, name, id)}
                    aria-current={section === name && item === id ? 'page' : undefined}
                  >
                    <Icon path={icon ?? icons.page} />
                    {title}
                  </a>
                </li>
              )),
            )}
          </ul>
        </nav>
      )}

      <div class="side-foot">
        <button
          type="button"
          class="plain shortcut-hint"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={props.onGo}
        >
          <Icon path={icons.search} />
          {t('goTo')} <kbd>{COMMAND} K</kbd>
        </button>
        <button type="button" class="plain" aria-label={t(`theme.${theme}`)} onClick={next}>
          <Icon path={icons[theme]} />
          <span class="theme-name">{t(`theme.${theme}`)}</span>
        </button>
        <button type="button" class="plain shortcut-hint" onClick={props.onHelp}>
          <Icon path={icons.keyboard} />
          {t('shortcuts')}
        </button>
        {session.endsAt !== null && (
          <button type="button" class="plain" aria-label={t('signOut')} onClick={props.onSignOut}>
            <Icon path={icons.leave} />
            <span class="sign-out-name">{t('signOut')}</span>
          </button>
        )}
      </div>
    </div>
  )
}
