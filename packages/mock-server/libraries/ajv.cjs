module.exports = { ...require('ajv/dist/2020.js'), addFormats: require('ajv-formats') }
