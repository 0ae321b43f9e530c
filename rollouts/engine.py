"""vLLM's asynchronous engine as a policy whose weights change under requests in flight."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import numpy as np
from transformers import PreTrainedTokenizerBase
from vllm.distributed.weight_transfer.base import WeightTransferInitRequest, WeightTransferUpdateRequest
from vllm.inputs import tokens_input
from vllm.outputs import RequestOutput
from vllm.sampling_params import RequestOutputKind, SamplingParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.output_processor import RequestOutputCollector

from base_training.errors import InputError, ProcessError
from rollouts.arguments import engine_arguments
from rollouts.config import RolloutsSection, SamplingSection
from rollouts.generation import (
    Generation,
    GenerationRequest,
    TokenDelta,
    finish_reason_of,
    logprobs_of,
    versions_of,
)
from rollouts.likelihood import Likelihood, LikelihoodRequest, Likelihoods, likelihood_of
from rollouts.reports import UpdateReport
from rollouts.sample import WeightUpdate
from rollouts.stops import Stops
from rollouts.waiting import all_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A request as vLLM will be told of it."""

    request: GenerationRequest
    params: SamplingParams
    stops: Stops


@dataclass(frozen=True, slots=True)
class _InFlight:
    """A request that vLLM has."""

    request: GenerationRequest
    collector: RequestOutputCollector
    stops: Stops
    started_s: float


class RolloutEngine:
    """Generates with continuous batching, and takes new weights without losing or restarting a request.

    Of the two kinds of update (``kv_on_update``), *recompute* computes the KV cache of requests in flight anew
    under the new weights, so that every later token is drawn from exactly the new policy. *keep* goes on with the
    old KV cache: faster, and the log-probs still are those that the tokens were drawn with. There the cache of
    prompts is salted by version, so that a new request never takes old blocks; as a request that waits inside vLLM
    would keep its old salt, no more than ``max_running`` are handed over, and the rest waits here.
    """

    def __init__(self, llm: AsyncLLM, section: RolloutsSection, version: int) -> None:
        self._llm = llm
        self._tokenizer = cast(PreTrainedTokenizerBase, llm.get_tokenizer())
        self._section = section
        self._keeps_kv = section.kv_on_update == "keep"
        self._slots = asyncio.Semaphore(section.max_running)
        self._alone = asyncio.Lock()
        self._updating = asyncio.Lock()
        self._open = asyncio.Event()
        self._open.set()
        self._numbers = itertools.count()
        self._known_stops: dict[tuple[str, ...], Stops] = {}
        self._version = version

    @classmethod
    async def start(cls, model: str, dtype: str, section: RolloutsSection, version: int = 0) -> Self:
        """Start vLLM within the running event loop.

        Args:
            model: A Hugging Face folder or hub id with the weights of ``version``.
            dtype: ``float32`` or ``bfloat16``.
            section: The recipe's.
            version: The policy version of these weights.

        Raises:
            InputError: The recipe asks vLLM for something that it does not take.
            ProcessError: vLLM's process died.
        """
        try:
            llm = AsyncLLM.from_engine_args(engine_arguments(model, dtype, section))
        except ValueError as error:
            raise InputError(f"vLLM cannot run {model}: {error}") from error
        except RuntimeError as error:
            log = Path("/proc/self/fd/2").readlink()
            raise ProcessError(f"vLLM did not start with {model}; the cause is in {log}: {error}") from error
        await llm.update_weight_version(str(version))
        return cls(llm, section, version)

    @property
    def version(self) -> int:
        """The policy version that draws tokens now."""
        return self._version

    @property
    def in_flight(self) -> int:
        """Requests that vLLM has."""
        return self._llm.get_num_unfinished_requests()

    async def generate(self, request: GenerationRequest, sampling: SamplingSection) -> Generation:
        """Draw one response, beside all others that are under way.

        Raises:
            InputError: The prompt leaves no room for a response.
            vllm.v1.engine.exceptions.EngineDeadError: vLLM's process ended.
        """
        prepared = self._prepare(request, sampling)
        async with self._slots:
            await self._until_open()
            return await self._finish(await self._hand_over(prepared))

    async def generate_round(
        self,
        requests: Sequence[GenerationRequest],
        sampling: SamplingSection,
        then: Callable[[int, Generation], Awaitable[T]],
        alone: AbstractContextManager[None] | None = None,
    ) -> list[T]:
        """Draw responses to all requests with nothing else beside them, always in the same batches.

        The requests are handed over in order while vLLM is paused and its cache is empty. With their own seeds
        they get the same tokens and log-probs, to the bit, whatever ran before. No update comes between.

        Args:
            requests: In the order that fixes the batches.
            sampling: For all of them.
            then: Is called with the position of each request and its response as soon as that is finished.
            alone: Is entered once what was in flight is finished, and left with the last response.

        Returns:
            What ``then`` returned, in the order of requests.
        """
        prepared = [self._prepare(request, sampling, in_round=True) for request in requests]
        async with self._nothing_else():
            with alone or nullcontext():
                in_flight = await self._hand_over_paused(prepared)

                async def finish(position: int) -> T:
                    return await then(position, await self._finish(in_flight[position]))

                async with self._followed(*in_flight):
                    return await all_of(finish(position) for position in range(len(in_flight)))

    async def likelihoods(
        self,
        requests: Sequence[LikelihoodRequest],
        then: Callable[[], None],
        alone: AbstractContextManager[None] | None = None,
    ) -> list[Likelihoods]:
        """The log-probs of given continuations, with nothing else beside them, all by one policy version.

        Args:
            requests: In the order that fixes the batches.
            then: Is called as each continuation is done.
            alone: As for `generate_round`.

        Raises:
            InputError: A prompt with its continuation is too long.
        """
        asked = [(request, tokens) for request in requests for tokens in request.continuations]
        prepared = [self._prepare_likelihood(request, tokens) for request, tokens in asked]
        async with self._nothing_else():
            with alone or nullcontext():
                in_flight = await self._hand_over_paused(prepared)

                async def finish(one: _InFlight, length: int) -> Likelihood:
                    output = cast(RequestOutput, await one.collector.get())
                    then()
                    return likelihood_of(output, length)

                async with self._followed(*in_flight):
                    done = iter(
                        await all_of(
                            finish(one, len(tokens)) for one, (_, tokens) in zip(in_flight, asked, strict=True)
                        )
                    )
                return [
                    Likelihoods(request.group_id, self._version, tuple(next(done) for _ in request.continuations))
                    for request in requests
                ]

    async def stream(self, request: GenerationRequest, sampling: SamplingSection) -> AsyncIterator[TokenDelta]:
        """Draw one response and yield it as it comes."""
        prepared = self._prepare(request, sampling, streams=True)
        async with self._slots:
            await self._until_open()
            one = await self._hand_over(prepared)
            async with self._followed(one):
                finished = False
                while not finished:
                    output = cast(RequestOutput, await one.collector.get())
                    finished = output.finished
                    [completion] = output.outputs
                    yield TokenDelta(
                        np.asarray(completion.token_ids, dtype=np.int32),
                        logprobs_of(completion),
                        completion.text,
                        versions_of(completion.weight_versions or ()) if finished else None,
                        finish_reason_of(completion, request.name) if finished else None,
                    )

    async def connect(self, init: Mapping[str, Any]) -> None:
        """Open the weight transfer's connection to the learner; shared memory needs none."""
        await self._llm.init_weight_transfer_engine(WeightTransferInitRequest(init_info=dict(init)))

    async def update_weights(self, update: WeightUpdate) -> UpdateReport:
        """Change the weights under the requests in flight, which then go on.

        If it fails, vLLM stays paused, as half of the weights may be new.
        """
        async with self._updating:
            self._open.clear()
            await self._pause(clear_cache=not (self._keeps_kv and self.in_flight))
            began = time.perf_counter()  # until here a step was still drawing tokens
            in_flight = self.in_flight
            await self._llm.start_weight_update()
            await self._llm.update_weights(WeightTransferUpdateRequest(update_info=dict(update.source)))
            await self._llm.finish_weight_update(weight_version=str(update.version))
            self._version = update.version
            await self._llm.resume_generation()
            self._open.set()
            return UpdateReport(update.version, time.perf_counter() - began, in_flight)

    def close(self) -> None:
        """End vLLM's processes."""
        self._llm.shutdown()

    async def _until_open(self) -> None:
        """A request that is handed over during an update would get the old version's salt."""
        while not self._open.is_set():
            await self._open.wait()

    @asynccontextmanager
    async def _nothing_else(self) -> AsyncIterator[None]:
        """Wait until nothing is in flight, then hold back requests and updates."""
        async with self._alone:
            taken = 0
            try:
                while taken < self._section.max_running:
                    await self._slots.acquire()
                    taken += 1
                async with self._updating:
                    yield
            finally:
                for _ in range(taken):
                    self._slots.release()

    async def _pause(self, clear_cache: bool) -> None:
        """Freeze requests where they are. ``AsyncLLM.pause_generation`` does the same and then sleeps 20 ms."""
        await self._llm.engine_core.pause_scheduler_async(mode="keep", clear_cache=clear_cache)

    def _prepare(
        self,
        request: GenerationRequest,
        sampling: SamplingSection,
        *,
        in_round: bool = False,
        streams: bool = False,
    ) -> _Prepared:
        room = self._room(request)
        stops = self._stops(sampling.stop)
        # A round looks for stop strings afterwards: when vLLM ends a request for one depends on the clock.
        strings = [] if in_round else list(stops.strings)
        params = SamplingParams(
            temperature=sampling.temperature,
            max_tokens=min(sampling.max_tokens, room),
            seed=request.seed,
            logprobs=0,
            flat_logprobs=True,
            stop=strings,
            stop_token_ids=list(stops.token_ids),
            detokenize=bool(strings) or streams,
            output_kind=RequestOutputKind.DELTA if streams else RequestOutputKind.FINAL_ONLY,
            skip_clone=True,
        )
        return _Prepared(request, params, stops)

    def _prepare_likelihood(self, request: LikelihoodRequest, tokens: np.ndarray) -> _Prepared:
        """All of it is a prompt to vLLM, which must draw one token more."""
        prompt = np.concatenate([request.prompt_ids, tokens])
        whole = GenerationRequest(f"problem {request.group_id} with its answer", prompt, 0)
        self._room(whole)
        params = SamplingParams(
            temperature=0.0,
            max_tokens=1,
            prompt_logprobs=0,
            flat_logprobs=True,
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
            skip_clone=True,
        )
        return _Prepared(whole, params, self._stops(()))

    def _room(self, request: GenerationRequest) -> int:
        room = self._section.max_model_tokens - len(request.prompt_ids)
        if room < 1:
            raise InputError(
                f"the prompt of {request.name} has {len(request.prompt_ids)} tokens, which leaves no room for a "
                f"response: raise rollouts.max_model_tokens ({self._section.max_model_tokens}) or shorten it"
            )
        return room

    async def _hand_over(self, prepared: _Prepared) -> _InFlight:
        request = prepared.request
        salt = str(self._version) if self._keeps_kv else None
        started_s = time.time()
        collector = await self._llm.add_request(
            f"{request.name}#{next(self._numbers)}",
            tokens_input(request.prompt_ids.tolist(), cache_salt=salt),
            prepared.params,
        )
        return _InFlight(request, collector, prepared.stops, started_s)

    async def _hand_over_paused(self, prepared: Sequence[_Prepared]) -> list[_InFlight]:
        """vLLM sees all of them at its next step, and no block of an earlier prompt."""
        await self._pause(clear_cache=True)
        try:
            return [await self._hand_over(one) for one in prepared]
        finally:
            await self._llm.resume_generation()

    @asynccontextmanager
    async def _followed(self, *requests: _InFlight) -> AsyncIterator[None]:
        """Requests that nobody waits for any more are taken back."""
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            for one in requests:
                await self._llm.abort(one.collector.request_id, internal=True)
            raise

    async def _finish(self, one: _InFlight) -> Generation:
        async with self._followed(one):
            output = cast(RequestOutput, await one.collector.get())
        finished_s = time.time()
        [completion] = output.outputs
        reason = finish_reason_of(completion, one.request.name)
        token_ids = list(completion.token_ids)
        end = one.stops.end_of(self._tokenizer, token_ids)
        if end is not None:
            reason = "stop"
        return Generation(
            token_ids=np.array(token_ids[:end], dtype=np.int32),
            logprobs=logprobs_of(completion)[:end],
            versions=versions_of(completion.weight_versions or ())[:end],
            text=one.stops.text_of(self._tokenizer, token_ids[:end]),
            finish_reason=reason,
            started_s=one.started_s,
            finished_s=finished_s,
        )

    def _stops(self, stop: tuple[str, ...]) -> Stops:
        if stop not in self._known_stops:
            self._known_stops[stop] = Stops.of(self._tokenizer, stop)
        return self._known_stops[stop]
