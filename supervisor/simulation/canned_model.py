"""A server with OpenAI's chat completions that always answers the same: no model, and no cost."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from supervisor.simulation.scenario import ModelScript

HOST = "127.0.0.1"


@asynccontextmanager
async def canned_model(script: ModelScript) -> AsyncIterator[str]:
    """The base URL of a server that answers, during the block, as the script says."""
    content = json.dumps({"facts": list(script.facts), "department": script.department})

    async def answer(_: web.Request) -> web.Response:
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        completion = {"id": "1", "object": "chat.completion", "created": 0, "model": "canned"}
        return web.json_response({**completion, "choices": [choice]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
