"""What we believe: the resource records that the last operation wrote, and where they are kept."""
