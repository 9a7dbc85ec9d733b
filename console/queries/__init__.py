"""SELECTs shaped like screens; they change nothing."""
