"""A chat model behind an OpenAI-compatible endpoint: calls, retries with back-off, time-outs, a budget."""

import asyncio
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewards.judge.reply import ReplyError

if TYPE_CHECKING:
    import httpx

URL_VARIABLE = "RLVR_JUDGE_URL"
MODEL_VARIABLE = "RLVR_JUDGE_MODEL"
"""Where a judge is found that is served for those who name no endpoint: by a run, or by `rlvr judge serve`."""

LONGEST_PAUSE_S = 60.0
_RETRIED = frozenset({408, 409, 425, 429})
_CHARS_PER_TOKEN = 4

Message = Mapping[str, str]


class JudgeError(Exception):
    """The judge gave no score, and the response is not to blame."""


class _CallError(Exception):
    """One call failed in a way that may pass.

    Attributes:
        retry_after_s: What the endpoint asked to wait for.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass
class Budget:
    """What may be spent, and what was.

    Attributes:
        max_calls: Calls, the retried ones included; None for any number.
        max_tokens: Tokens of prompts and replies, as the endpoint reports them (where it does not, four characters
            count as one); calls under way when it is used up still come to their end.
        calls: Calls made.
        tokens: Tokens used.
    """

    max_calls: int | None = None
    max_tokens: int | None = None
    calls: int = 0
    tokens: int = 0

    def take_call(self) -> None:
        """Counts one call.

        Raises:
            JudgeError: The budget is used up.
        """
        if self.max_calls is not None and self.calls >= self.max_calls:
            raise JudgeError(f"the judge's budget of {self.max_calls} calls is used up")
        if self.max_tokens is not None and self.tokens >= self.max_tokens:
            raise JudgeError(f"the judge's budget of {self.max_tokens} tokens is used up")
        self.calls += 1


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How an endpoint is called.

    Attributes:
        base_url: Up to and including ``/v1``; None where no judge is known.
        model: The name that the endpoint knows the model by; needed with ``base_url``.
        api_key_env: The environment variable that holds the key; None where none is needed.
        temperature: Of sampling.
        max_tokens: The longest reply; one that is cut off there counts as none.
        call_timeout_s: Wall clock of one call.
        attempts: Calls until it is given up.
        backoff_s: The pause before the second call; it doubles from call to call, up to `LONGEST_PAUSE_S`.
        concurrency: Calls at the same time.
        reply_format: What the endpoint is told as ``response_format``, to hold the model to it.
    """

    base_url: str | None
    model: str | None
    api_key_env: str | None = None
    temperature: float = 0.0
    max_tokens: int = 1024
    call_timeout_s: float = 60.0
    attempts: int = 4
    backoff_s: float = 1.0
    concurrency: int = 16
    reply_format: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.base_url is not None:
            if not isinstance(self.base_url, str) or not self.base_url.startswith(("http://", "https://")):
                raise ValueError(
                    f"base_url: expected an address such as http://localhost:8000/v1, got {self.base_url!r}"
                )
            if not isinstance(self.model, str) or not self.model:
                raise ValueError(f"model: {self.base_url} must be told which model to ask, got {self.model!r}")
        if self.api_key_env is not None and not os.environ.get(self.api_key_env):
            raise ValueError(f"api_key_env: the environment variable {self.api_key_env} is not set")
        for name in ("max_tokens", "attempts", "concurrency"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name}: expected a whole number of at least 1, got {value!r}")
        for name in ("temperature", "call_timeout_s", "backoff_s"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise ValueError(f"{name}: expected a number of at least 0, got {value!r}")

    @property
    def address(self) -> str:
        """Where to post to.

        Raises:
            JudgeError: No judge is known.
        """
        if self.base_url is None:
            raise JudgeError(
                "nobody serves a judge: give base_url and model, or have the recipe serve one (section judge), "
                f"or set {URL_VARIABLE} to the address of `rlvr judge serve`"
            )
        return f"{self.base_url.rstrip('/')}/chat/completions"


class Endpoint:
    """Asks a chat model until it replies in the right form."""

    def __init__(self, settings: EndpointSettings, budget: Budget) -> None:
        self._settings = settings
        self.budget = budget
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._free = asyncio.Semaphore(settings.concurrency)
        self._closed = False

    async def ask(self, messages: Sequence[Message], read: Callable[[str], float]) -> tuple[float, str]:
        """What ``read`` makes of the model's reply, and the reply.

        Args:
            messages: The conversation.
            read: Raises `ReplyError` where a reply has not the right form; the call is then made again, with
                another seed.

        Raises:
            JudgeError: No such reply after all attempts, or the budget is used up, or the endpoint refuses.
        """
        failure: Exception | None = None
        for attempt in range(self._settings.attempts):
            if failure is not None:
                await asyncio.sleep(self._pause_s(attempt, failure))
            try:
                reply = await self._call(messages, seed=attempt)
                return read(reply), reply
            except (_CallError, ReplyError) as error:
                failure = error
        raise JudgeError(f"no score after {self._settings.attempts} calls; the last one: {failure}")

    async def close(self) -> None:
        """Closes the connections; what is still asked fails."""
        self._closed = True
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = None

    def _pause_s(self, attempt: int, failure: Exception) -> float:
        asked = failure.retry_after_s if isinstance(failure, _CallError) else 0.0
        return min(LONGEST_PAUSE_S, max(asked, self._settings.backoff_s * 2 ** (attempt - 1)))

    async def _call(self, messages: Sequence[Message], seed: int) -> str:
        import httpx

        address, client = self._settings.address, self._connected()
        settings = self._settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": [dict(message) for message in messages],
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
            "seed": seed,
        }
        if settings.reply_format is not None:
            body["response_format"] = dict(settings.reply_format)
        async with self._free:
            self.budget.take_call()
            try:
                async with asyncio.timeout(settings.call_timeout_s):
                    answer = await client.post(address, json=body)
            except TimeoutError as error:
                raise _CallError(
                    f"{settings.base_url} did not answer within {settings.call_timeout_s:g} s"
                ) from error
            except httpx.TransportError as error:
                raise _CallError(
                    f"{settings.base_url} cannot be reached: {type(error).__name__}: {error}"
                ) from error
        if answer.status_code in _RETRIED or answer.status_code >= 500:
            raise _CallError(_told(answer), _retry_after_s(answer))
        if answer.status_code != 200:
            raise JudgeError(_told(answer))
        return self._content(answer, messages)

    def _content(self, answer: "httpx.Response", messages: Sequence[Message]) -> str:
        """The text of the reply; what it cost is counted."""
        try:
            content = answer.json()
            choice = content["choices"][0]
            text = choice["message"]["content"] or ""
            finished = choice.get("finish_reason")
            usage = (content.get("usage") or {}).get("total_tokens")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise _CallError(f"the reply is no chat completion: {answer.text[:200]!r}") from error
        if not isinstance(text, str):
            raise _CallError(f"the reply's content is {type(text).__name__}, not a text")
        characters = len(text) + sum(len(message["content"]) for message in messages)
        self.budget.tokens += usage if isinstance(usage, int) else -(-characters // _CHARS_PER_TOKEN)
        if finished == "length":
            raise ReplyError(f"the judge's reply was cut off after {self._settings.max_tokens} tokens")
        return text

    def _connected(self) -> "httpx.AsyncClient":
        """The client of this event loop. Plain HTTP loads no certificates, and redirects are not followed."""
        import httpx

        if self._closed:
            raise JudgeError("the judge is closed")
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            key = os.environ.get(self._settings.api_key_env or "")
            self._loop = loop
            self._free = asyncio.Semaphore(self._settings.concurrency)
            self._client = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=None,
                verify=self._settings.address.startswith("https://"),
                limits=httpx.Limits(max_connections=self._settings.concurrency),
            )
        return self._client


def _told(answer: "httpx.Response") -> str:
    return f"{answer.url.host} answered {answer.status_code}: {' '.join(answer.text[:200].split())}"


def _retry_after_s(answer: "httpx.Response") -> float:
    value: Any = answer.headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0
