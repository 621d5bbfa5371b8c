"""The nouns: plain frozen data, and the pure functions that need nothing but them. No I/O."""
