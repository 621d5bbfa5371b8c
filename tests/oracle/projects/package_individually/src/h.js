exports.a = exports.b = exports.c = exports.d = async () => ({});
