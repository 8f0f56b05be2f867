"""Who may come in without anybody being asked now: visitor lists, their codes, residents' PINs."""
