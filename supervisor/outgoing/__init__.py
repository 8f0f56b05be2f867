"""Requests that leave for addresses which customers give: signed, guarded and bounded."""
