"""State file tools, which change no cloud resource."""
