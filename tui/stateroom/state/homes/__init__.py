"""Where state lives: one module a kind of home. Homes differ in names and in how their store is found."""
