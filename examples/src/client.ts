// A client of GoSendAPI. Against the sandbox: GOSENDAPI_URL=http://127.0.0.1:4010/v1 and the key that it prints.

import { createGosendClient } from '@gosend/openapi'

const gosend = createGosendClient({ baseUrl: process.env.GOSENDAPI_URL })

const { data: project, error } = await gosend.GET('/me')
if (error) {
  console.error(`${error.statusCode}: ${error.message}`)
  process.exitCode = 1
} else {
  console.log(`This key belongs to ${project.name} (project ${project.id})`)
}
