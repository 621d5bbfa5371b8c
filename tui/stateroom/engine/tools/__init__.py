"""State tools: edit, move, repair, re-encrypt; passphrases and app secrets."""
