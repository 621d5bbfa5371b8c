"""What both faces say: values, differences, plans and events as text and as JSON. Pure; no screen, no I/O."""
