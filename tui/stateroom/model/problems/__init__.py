"""What goes wrong, as data: answers with an error, problems in a config, errors of other libraries, suggestions."""
