"""What the user filtered, marked, folded and copies."""
