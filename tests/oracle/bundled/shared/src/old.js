exports.handler = async () => "old";
