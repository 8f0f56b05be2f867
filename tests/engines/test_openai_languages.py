"""Which language a server of OpenAI's API is told."""

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engines.openai_recogniser import OpenAiRecogniser
from engines.origins import Origins
from stt.recogniser import Hints


@pytest.mark.parametrize(
    ("language", "told"), [("pt-BR", "pt"), ("auto:pt-BR,en", None), ("auto:es", "es")]
)
async def test_a_server_is_told_a_language_only_where_it_is_certain(
    language: str, told: str | None
) -> None:
    forms = []

    async def transcribe(request: web.Request) -> web.Response:
        forms.append(await request.post())
        return web.json_response({"text": "Sim."})

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", transcribe)
    async with TestServer(app) as server:
        origins = Origins.of_urls([str(server.make_url("/v1"))], None)
        recogniser = OpenAiRecogniser(origins, patience_s=10.0)
        stream = recogniser.stream(language, Hints())
        stream.feed(np.zeros(8000, np.int16))
        assert (await stream.result()).text == "sim"
        await stream.close()
        await recogniser.close()
    [form] = forms
    assert form.get("language") == told
