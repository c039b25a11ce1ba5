"""Forms made from declarations: one field for each form a setting can have, one form for each kind."""
