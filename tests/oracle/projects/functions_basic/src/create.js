exports.handler = exports.list = exports.quiet = async () => ({});
