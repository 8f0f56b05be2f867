"""The engines as Ray Serve deployments, on as many machines as there are: the ``ray`` extra.

Nothing outside this package imports it, and it is loaded by Ray alone: ``deploy/ray/README.md``.
"""
