// Path, method, names of the query's parameters: made by generate.mjs from the controllers.
export const operations: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> =
{
  "/projects/:projectId/usage": {
    "GET": [
      "from",
      "to",
      "keyId"
    ]
  },
  "/projects/:projectId/outcomes": {
    "GET": [
      "step",
      "from",
      "to",
      "keyId"
    ]
  },
  "/session": {
    "GET": [],
    "POST": [],
    "DELETE": []
  },
  "/projects": {
    "GET": [
      "limit",
      "cursor"
    ],
    "POST": []
  },
  "/projects/:projectId": {
    "GET": [],
    "PATCH": [],
    "DELETE": []
  },
  "/projects/:projectId/events": {
    "GET": [
      "keyId",
      "type",
      "actor",
      "from",
      "to",
      "order",
      "limit",
      "cursor"
    ]
  },
  "/projects/:projectId/history": {
    "GET": [
      "limit",
      "actor",
      "from",
      "to",
      "before"
    ]
  },
  "/projects/:projectId/keys": {
    "GET": [
      "limit",
      "cursor",
      "search",
      "status",
      "createdBy",
      "ownerId",
      "parentId",
      "expiresBefore",
      "unusedSince",
      "environment",
      "ids",
      "sort",
      "order",
      "total"
    ],
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/children": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/top-up": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId": {
    "GET": [],
    "PATCH": [],
    "DELETE": []
  },
  "/projects/:projectId/keys/:keyId/rotate": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/revoke": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/disable": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/enable": {
    "POST": []
  },
  "/projects/:projectId/keys/:keyId/history": {
    "GET": [
      "limit",
      "actor",
      "from",
      "to",
      "before"
    ]
  },
  "/projects/:projectId/keys/:keyId/refusals": {
    "GET": []
  },
  "/projects/:projectId/keys/:keyId/addresses": {
    "GET": []
  },
  "/keys": {
    "GET": [
      "limit",
      "cursor",
      "search",
      "status",
      "createdBy",
      "ownerId",
      "parentId",
      "expiresBefore",
      "unusedSince",
      "environment",
      "ids",
      "sort",
      "order",
      "total"
    ]
  },
  "/keys/check": {
    "POST": []
  }
}
