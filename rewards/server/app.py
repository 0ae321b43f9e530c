"""The service's routes. Everything that is scored goes through the same pools as in a run."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import Discriminator, Tag

from rewards.config import VerifierSection
from rewards.pool import VerifierPool
from rewards.registry import nearest
from rewards.request import ScoreRequest
from rewards.server.foreign import NemoGymRequest, OpenRlhfRequest
from rewards.server.limits import BusyError, Guard, Queue, TooManyError
from rewards.server.messages import (
    BatchRequest,
    GroupRequest,
    Health,
    VerdictMessage,
    VerdictsMessage,
    VerifyRequest,
)
from rewards.server.metrics import Metrics
from rewards.verdict import Verdict

RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service takes.

    Attributes:
        waiting: Responses that are scored or wait for it; requests beyond that get 429.
        body_bytes: Size of a request's body; larger ones get 413.
        token: Bearer token that requests must bring; None for none.
    """

    waiting: int = 4096
    body_bytes: int = 32 * 2**20
    token: str | None = None


class AsciiResponse(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair, which UTF-8 cannot say, goes back as it came."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False).encode("ascii")


def _kind_of(body: Any) -> str:
    return "nemo_gym" if isinstance(body, dict) and "responses_create_params" in body else "native"


EitherRequest = Annotated[
    Annotated[VerifyRequest, Tag("native")] | Annotated[NemoGymRequest, Tag("nemo_gym")], Discriminator(_kind_of)
]


class Desk:
    """Takes requests to the pool of their verifier, where the queue has room."""

    def __init__(self, pools: Mapping[str, VerifierPool], queue: Queue, metrics: Metrics) -> None:
        self.pools = pools
        self.queue = queue
        self.metrics = metrics

    def name(self, verifier: str | None) -> str:
        """The verifier that is asked for; raises HTTPException where it is not served."""
        if verifier is None:
            return next(iter(self.pools))
        if verifier not in self.pools:
            served = ", ".join(self.pools)
            raise HTTPException(
                404, f'verifier "{verifier}" is not served here{nearest(verifier, self.pools)} Served: {served}'
            )
        return verifier

    async def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """Verdicts in the order of the requests, whose problems name their verifiers."""
        with self.queue.room_for(len(requests)):
            verdicts: dict[int, Verdict] = {}
            for name in dict.fromkeys(request.problem.verifier for request in requests):
                places = [place for place, request in enumerate(requests) if request.problem.verifier == name]
                if self.pools[name].verifier.scope == "group":
                    raise HTTPException(422, f"verifier {name} scores whole groups: POST /verify/group")
                answers = await self.pools[name].score([requests[place] for place in places])
                self.metrics.count(name, answers)
                verdicts.update(zip(places, answers, strict=True))
        return [verdicts[place] for place in range(len(requests))]

    async def score_group(self, body: GroupRequest) -> list[Verdict]:
        """Verdicts of all responses to one problem."""
        name = self.name(body.verifier)
        with self.queue.room_for(len(body.responses)):
            verdicts = await self.pools[name].score_group(body.request(name))
        self.metrics.count(name, verdicts)
        return verdicts


def create_app(
    sections: Mapping[str, VerifierSection], limits: Limits | None = None, base_path: str | Path | None = None
) -> FastAPI:
    """The service, with its pools not yet started.

    Args:
        sections: The verifiers to serve by the names that requests know them by; the first is the default.
        limits: What it takes.
        base_path: The folder that relative file paths in the sections start from.

    Raises:
        VerifierError: A verifier cannot be found or does not take its settings.
    """
    limits = limits or Limits()
    pools = {name: VerifierPool(section, base_path) for name, section in sections.items()}
    queue = Queue(limits.waiting)
    desk = Desk(pools, queue, Metrics(queue, pools))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            for pool in pools.values():
                await pool.start()
            yield
        finally:
            for pool in pools.values():
                await pool.close()

    app = FastAPI(
        title="rlvr verifiers",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        default_response_class=AsciiResponse,
    )
    app.add_middleware(Guard, max_body_bytes=limits.body_bytes, token=limits.token)
    _add_refusals(app, desk)
    _add_routes(app, desk)
    return app


def _add_refusals(app: FastAPI, desk: Desk) -> None:
    @app.exception_handler(BusyError)
    async def busy(request: Request, error: BusyError) -> AsciiResponse:
        desk.metrics.turned_away()
        return AsciiResponse({"detail": str(error)}, 429, {"Retry-After": str(RETRY_AFTER_S)})

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> AsciiResponse:
        """What is wrong and where, without the input, which may be huge or say what JSON cannot."""
        return AsciiResponse({"detail": [{"loc": one["loc"], "msg": one["msg"]} for one in error.errors()]}, 422)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> AsciiResponse:
        return AsciiResponse({"detail": error.detail}, error.status_code)

    @app.exception_handler(TooManyError)
    async def too_many(request: Request, error: TooManyError) -> AsciiResponse:
        return AsciiResponse({"detail": str(error)}, 413)


def _add_routes(app: FastAPI, desk: Desk) -> None:
    @app.post("/verify", response_model=None, responses={200: {"model": VerdictMessage}})
    async def verify(body: EitherRequest, verifier: str | None = None) -> VerdictMessage | dict[str, Any]:
        """Score one response; a row of NeMo Gym's gets its own kind of answer."""
        with desk.metrics.timed("/verify"):
            name = desk.name(verifier or getattr(body, "verifier", None))
            [verdict] = await desk.score([_read(body.request, name)])
            return body.reply(verdict) if isinstance(body, NemoGymRequest) else VerdictMessage.of(body.id, verdict)

    @app.post("/verify/batch")
    async def verify_batch(body: BatchRequest) -> VerdictsMessage:
        """Score many responses, each with its problem."""
        with desk.metrics.timed("/verify/batch"):
            verdicts = await desk.score([one.request(desk.name(one.verifier)) for one in body.requests])
            pairs = zip(body.requests, verdicts, strict=True)
            return VerdictsMessage(verdicts=[VerdictMessage.of(one.id, verdict) for one, verdict in pairs])

    @app.post("/verify/group")
    async def verify_group(body: GroupRequest) -> VerdictsMessage:
        """Score all responses to one problem together."""
        with desk.metrics.timed("/verify/group"):
            verdicts = await desk.score_group(body)
            return VerdictsMessage(verdicts=[VerdictMessage.of(body.id, verdict) for verdict in verdicts])

    @app.post("/openrlhf")
    async def openrlhf(body: OpenRlhfRequest, verifier: Annotated[str | None, Query()] = None) -> dict[str, Any]:
        """OpenRLHF's remote reward: ``{query, prompts, labels}`` to ``{rewards, scores, extra_logs}``."""
        with desk.metrics.timed("/openrlhf"):
            verdicts = await desk.score(_read(body.requests, desk.name(verifier)))
            try:
                return body.reply(verdicts)
            except ValueError as error:
                raise HTTPException(500, str(error)) from error

    @app.post("/seed_session")
    async def seed_session() -> dict[str, Any]:
        """NeMo Gym's agents open a session first; verifiers keep none."""
        return {}

    @app.get("/health")
    async def health() -> Health:
        """Whether the service is up."""
        queue = desk.queue
        return Health(status="ok", verifiers=list(desk.pools), waiting=queue.waiting, limit=queue.limit)

    @app.get("/metrics")
    async def metrics() -> Response:
        """Counts for Prometheus."""
        return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4")


def _read(reader: Any, name: str) -> Any:
    """What a body holds; a body that makes no sense is the caller's to mend."""
    try:
        return reader(name)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
