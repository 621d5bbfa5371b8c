"""Commands without a screen: one module each, text or JSON out."""
