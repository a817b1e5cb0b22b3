export { RegExpParser } from '@eslint-community/regexpp'
