// What dist/validator.cjs is made of: Ajv and its formats as one file, for Node takes longer to find their modules than to
// run them.
module.exports = { ...require('ajv/dist/2020.js'), addFormats: require('ajv-formats') }
