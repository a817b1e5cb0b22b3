// The versions of the OpenAPI Specification that documents are read in.

export type Dialect = 'swagger-2.0' | 'openapi-3.0' | 'openapi-3.1'
