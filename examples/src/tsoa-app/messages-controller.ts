import type { ApiKey } from '@gosend/auth-core'
import { Body, Controller, Get, Post, Request, Route, Security, SuccessResponse } from '@tsoa/runtime'
import type express from 'express'

interface Owner {
  projectId: string
  label: string
}

interface Message {
  to: string
  text: string
}

@Route('v1')
export class MessagesController extends Controller {
  /** Any valid key may ask whose it is. */
  @Get('whoami')
  @Security('api_key')
  public whoami(@Request() request: express.Request & { user: ApiKey }): Owner {
    const { projectId, label } = request.user
    return { projectId, label }
  }

  /** Only a key with the scope `messages:write` may send. */
  @Post('messages')
  @Security('api_key', ['messages:write'])
  @SuccessResponse(201)
  public send(@Body() message: Message): Message {
    this.setStatus(201)
    return message
  }

  /** Only the operator may look at everything. */
  @Get('statistics')
  @Security('admin_key')
  public statistics(): { uptimeSeconds: number } {
    return { uptimeSeconds: Math.floor(process.uptime()) }
  }
}
