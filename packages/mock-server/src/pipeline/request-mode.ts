// What is done with requests that do not fit the document.

/** `strict` refuses requests that do not fit their description, `warn` answers and says so, `off` does not look. */
export type RequestMode = 'strict' | 'warn' | 'off'
