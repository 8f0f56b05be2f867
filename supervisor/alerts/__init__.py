"""Alarms that reach people: kept in a table, told by webhook, e-mail, Slack and the like."""
