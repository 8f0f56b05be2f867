"""The visit log for people: a spreadsheet, and a report to be printed and signed."""
