exports.one = exports.two = async () => 1;
