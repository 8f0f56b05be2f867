"""What our agents say, per condominium or for all of a tenant's: our sentences, or their own."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from aiohttp import hdrs
from pydantic import BaseModel, Field

from conversation.texts.catalogue import TextsError
from conversation.texts.overrides import LONGEST, MOST_VARIANTS
from supervisor.api.crud import etag_of, unchanged
from supervisor.api.directory import CONDOMINIUMS, TENANTS
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.models import Given, OneLine
from supervisor.api.pages import Page
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import row_of
from supervisor.database.texts import Override, Whose, load_overrides, remove_text, store_text
from supervisor.rules import DOORMAN_LANGUAGES
from supervisor.sentences import SENTENCES, Sentence

Owners = Literal["condominiums", "tenants"]
Language = Annotated[str, Field(json_schema_extra={"enum": list(DOORMAN_LANGUAGES)})]
KEYS: Final = tuple(SENTENCES)


class WhichLanguage(Given):
    """Which language's texts."""

    language: Language = DOORMAN_LANGUAGES[0]


class WhichTexts(WhichLanguage):
    """Which language's texts, and whose."""

    agent: Literal["doorman", "receptionist"] | None = Field(
        default=None, description="Whose; without it, what every agent says"
    )


class Sentences(Given):
    """What is said in place of ours: a call goes through the variants in turn."""

    variants: list[Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=OneLine)]] = (
        Field(min_length=1, max_length=MOST_VARIANTS)
    )


class Text(BaseModel):
    """One thing that is said. ``said`` is what holds: ``override``, or the tenant's, or ours."""

    key: str = Field(description="The doorman's as they are, a receptionist's behind its name")
    agent: str = Field(description="Who says it")
    language: str
    default: list[str]
    values: list[str] = Field(description="What may stand in braces: {unit} and the like")
    of_tenant: list[str] | None = Field(description="What all of the tenant's condominiums say")
    override: list[str] | None = Field(description="What this condominium or tenant says")
    said: list[str]


def _whose(owners: Owners, row: dict[str, Any]) -> Whose:
    return Whose(row["id"]) if owners == "tenants" else Whose(row["tenant_id"], row["id"])


async def _owner(ask: Ask, owners: Owners, *, lock: bool = False) -> Whose:
    resource = TENANTS if owners == "tenants" else CONDOMINIUMS
    return _whose(owners, await row_of(ask, resource.table, resource.one, lock=lock))


def _language(ask: Ask) -> str:
    language: str = ask.query.language
    if language not in DOORMAN_LANGUAGES:
        raise wrong("query.language", f"there are {', '.join(DOORMAN_LANGUAGES)}")
    return language


async def _shown(
    ask: Ask, whose: Whose, language: str, sentences: Iterable[Sentence]
) -> list[Text]:
    held = await load_overrides(ask.connection, whose, language)
    return [
        _text(language, one, whose, [each for each in held if each.key == one.name])
        for one in sentences
    ]


def _text(language: str, sentence: Sentence, whose: Whose, held: Sequence[Override]) -> Text:
    of_tenant = next((list(each.variants) for each in held if each.of_tenant), None)
    own = next((list(each.variants) for each in held if not each.of_tenant), None)
    override = of_tenant if whose.condominium_id is None else own
    default = list(sentence.script.texts(language).variants(sentence.key))
    return Text(
        key=sentence.name,
        agent=sentence.script.agent,
        language=language,
        default=default,
        values=sorted(sentence.values),
        of_tenant=of_tenant,
        override=override,
        said=own or of_tenant or default,
    )


def _sentence(ask: Ask) -> Sentence:
    key = ask.request.match_info["key"]
    if key not in SENTENCES:
        raise Problem(404, f'There is no text "{key}"; list them to see which there are.')
    return SENTENCES[key]


def _list(owners: Owners) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        language, agent = _language(ask), ask.query.agent
        wanted = [one for one in SENTENCES.values() if agent in (None, one.script.agent)]
        items = await _shown(ask, await _owner(ask, owners), language, wanted)
        return Answer(Page[Text](items=items, next=None))

    return _endpoint(
        owners, "GET", "list", "List what is said", handle, answer=Page[Text], one=False
    )


def _get(owners: Owners) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        sentence, language = _sentence(ask), _language(ask)
        [text] = await _shown(ask, await _owner(ask, owners), language, [sentence])
        return Answer(text, {hdrs.ETAG: etag_of(text)})

    return _endpoint(owners, "GET", "get", "Read a text", handle, answer=Text, tagged=True)


def _put(owners: Owners) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        sentence, language = _sentence(ask), _language(ask)
        whose = await _owner(ask, owners, lock=True)
        [before] = await _shown(ask, whose, language, [sentence])
        unchanged(ask, etag_of(before))
        try:
            said = sentence.check(language, ask.body.variants)
        except TextsError as error:
            raise wrong("body.variants", str(error), 409) from None
        stored = await store_text(ask.connection, whose, language, sentence.name, said)
        return await _changed(ask, stored, whose, before)

    return _endpoint(
        *(owners, "PUT", "put", "Say it in words of your own", handle),
        answer=Text,
        body=Sentences,
        tagged=True,
    )


def _delete(owners: Owners) -> Endpoint:
    async def handle(ask: Ask) -> Answer:
        sentence, language = _sentence(ask), _language(ask)
        whose = await _owner(ask, owners, lock=True)
        [before] = await _shown(ask, whose, language, [sentence])
        unchanged(ask, etag_of(before))
        removed = await remove_text(ask.connection, whose, language, sentence.name)
        if removed is None:
            raise Problem(404, f'Nothing of your own is said for "{sentence.name}".')
        await _changed(ask, removed, whose, before)
        return Answer()

    return _endpoint(owners, "DELETE", "reset", "Say it in our words again", handle, status=204)


async def _changed(ask: Ask, row_id: UUID, whose: Whose, before: Text) -> Answer:
    [after] = await _shown(ask, whose, before.language, [SENTENCES[before.key]])
    told = [{"key": each.key, "variants": each.override} for each in (before, after)]
    if told[0] != told[1]:
        ask.changes.append(Change("texts", row_id, told[0], told[1]))
    return Answer(after, {hdrs.ETAG: etag_of(after)})


def _endpoint(
    owners: Owners,
    method: Literal["GET", "PUT", "DELETE"],
    verb: str,
    summary: str,
    handle: Any,
    *,
    one: bool = True,
    **more: Any,
) -> Endpoint:
    owner = owners.removesuffix("s")
    whom = "of a condominium" if owners == "condominiums" else "for all of a tenant's condominiums"
    return Endpoint(
        method=method,
        path=f"/api/v1/{owners}/{{id}}/texts" + ("/{key}" if one else ""),
        name=f"{verb}_{owner}_text" + ("" if one else "s"),
        summary=f"{summary}, {whom}",
        tag="texts",
        handle=handle,
        role="viewer" if method == "GET" else "operator",
        query=WhichLanguage if one else WhichTexts,
        names={"key": KEYS} if one else {},
        if_match={"GET": None, "PUT": "required", "DELETE": "allowed"}[method],
        errors=frozenset() if method == "GET" else frozenset({409}),
        **more,
    )


ENDPOINTS: Final = tuple(
    make(owners) for owners in ("condominiums", "tenants") for make in (_list, _get, _put, _delete)
)
