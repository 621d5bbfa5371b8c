"""Passphrases, ciphers and encrypted values."""
