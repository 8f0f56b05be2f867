"""The admin HTTP API: what integrators and operators use, and its description in OpenAPI 3.1."""
