// What people see who are not let in yet.

import { ApiFailure, Dialog, Problem, useAction } from '@gosend/dashboard-ui'
import { useEffect, useState } from 'preact/hooks'
import type { Session } from './api.js'
import { useTexts } from './locale.js'
import { readSession, signInWith } from './session.js'
import { settings } from './settings.js'
import { Field } from './ui/field.js'

export function SignIn({ onSession }: { readonly onSession: (session: Session) => void }) {
  return (
    <main class="sign-in">
      <div class="card">
        <h1>{settings.title}</h1>
        {settings.login === null ? (
          <AdminKeyForm onSession={onSession} />
        ) : (
          <ToLogin login={settings.login} />
        )}
      </div>
    </main>
  )
}

const SENT = 'gosend-sent-to-login'
const AGAIN_MS = 10_000

/** Sends people to the host's login, but not round in circles when that sends them back as they were. */
function ToLogin({ login }: { readonly login: string }) {
  const href = addressOf(login)
  const t = useTexts()
  useEffect(() => {
    const sent = Number(sessionStorage.getItem(SENT))
    if (Date.now() - sent < AGAIN_MS) return
    sessionStorage.setItem(SENT, String(Date.now()))
    location.replace(href)
  }, [href])
  return (
    <div class="form">
      <p>{t('notSignedIn')}</p>
      <a class="button primary" href={href}>
        {t('signIn')}
      </a>
    </div>
  )
}

/** The login, which may send people back to where they are. */
function addressOf(login: string): string {
  const { pathname, search, hash } = location
  return login.replace('{here}', () => encodeURIComponent(pathname + search + hash))
}

/** Over what people had before them, which stays as it is. */
export function SessionEnded({ onSession }: { readonly onSession: (session: Session) => void }) {
  const t = useTexts()
  const { isBusy, problem, run } = useAction()
  const stay = () => {}
  return (
    <Dialog title={t('sessionEnded')} onClose={stay} onHeld={stay} hasClose={false}>
      {settings.login === null ? (
        <AdminKeyForm onSession={onSession} />
      ) : (
        <div class="form">
          <p>{t('sessionEndedText')}</p>
          {problem !== undefined && <Problem text={problem} />}
          <footer class="dialog-foot">
            <a class="button" href={addressOf(settings.login)} target="_blank" rel="noreferrer">
              {t('signIn')}
            </a>
            <button
              type="button"
              class="button primary"
              disabled={isBusy}
              onClick={() => run(async () => onSession(await readSession()))}
            >
              {t('continue')}
            </button>
          </footer>
        </div>
      )}
    </Dialog>
  )
}

function AdminKeyForm({ onSession }: { readonly onSession: (session: Session) => void }) {
  const t = useTexts()
  const [adminKey, setAdminKey] = useState('')
  const { isBusy, problem, run } = useAction()

  const signIn = (event: Event) => {
    event.preventDefault()
    return run(async () => {
      // A header carries no other characters, so no admin key has any.
      if (!/^[\x21-\x7e]+$/.test(adminKey.trim())) throw new ApiFailure(401, t('adminKeyWrong'))
      const session = await signInWith(adminKey.trim()).catch((error: unknown) => {
        throw error instanceof ApiFailure && error.status === 401
          ? new ApiFailure(401, t('adminKeyWrong'))
          : error
      })
      onSession(session)
    })
  }

  return (
    <form class="form" onSubmit={signIn}>
      <Field label={t('adminKey')} hint={t('adminKeyHint')}>
        {(control) => (
          <input
            {...control}
            class="input mono"
            type="password"
            name="admin-key"
            autocomplete="off"
            autofocus
            required
            value={adminKey}
            onInput={({ currentTarget }) => setAdminKey(currentTarget.value)}
          />
        )}
      </Field>
      {problem !== undefined && <Problem text={problem} />}
      <button type="submit" class="button primary" disabled={isBusy}>
        {t('signIn')}
      </button>
    </form>
  )
}
