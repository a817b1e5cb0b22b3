export { CORE_SCHEMA, load, Type } from 'js-yaml'
