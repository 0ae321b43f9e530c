"""Asks a verifier service, with an event loop or without; needs the extra ``serve``.

with VerifierClient("http://127.0.0.1:8000") as client:
    verdict = client.verify("The answer is 42.", "42", verifier="math")
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rewards.errors import VerifierError
from rewards.posting import client_arguments, post, post_and_wait
from rewards.verdict import Verdict


class _Common:
    """What both clients share.

    Args:
        url: The service's address.
        token: The bearer token that it wants.
        timeout_s: Longest wait for one answer.
        tries: How often to ask while the service is busy or away.
    """

    def __init__(self, url: str, token: str | None = None, timeout_s: float = 60.0, tries: int = 8) -> None:
        self._url = url.rstrip("/")
        self._tries = tries
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._arguments = client_arguments(self._url, timeout_s, headers)


class VerifierClient(_Common):
    """The client without an event loop. Its methods raise `ServiceError` where there is no answer."""

    def __enter__(self) -> Self:
        import httpx

        self._client = httpx.Client(**self._arguments)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def verify(self, response: str, label: Any, **more: Any) -> Verdict:
        """The verdict on one response; ``more`` are further fields of the request, such as ``verifier``."""
        return _verdict(self._post("/verify", {"response": response, "label": label, **more}))

    def verify_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[Verdict]:
        """One verdict for each request, which holds ``response``, ``label`` and further fields."""
        return _verdicts(self._post("/verify/batch", {"requests": [dict(request) for request in requests]}))

    def verify_group(self, responses: Sequence[str], label: Any, **more: Any) -> list[Verdict]:
        """One verdict for each response to a problem."""
        return _verdicts(self._post("/verify/group", {"responses": list(responses), "label": label, **more}))

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return post_and_wait(self._client, self._url + path, body, self._tries)


class AsyncVerifierClient(_Common):
    """The same for an event loop."""

    async def __aenter__(self) -> Self:
        import httpx

        self._client = httpx.AsyncClient(**self._arguments)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def verify(self, response: str, label: Any, **more: Any) -> Verdict:
        """As `VerifierClient.verify`."""
        return _verdict(await self._post("/verify", {"response": response, "label": label, **more}))

    async def verify_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[Verdict]:
        """As `VerifierClient.verify_batch`."""
        return _verdicts(await self._post("/verify/batch", {"requests": [dict(request) for request in requests]}))

    async def verify_group(self, responses: Sequence[str], label: Any, **more: Any) -> list[Verdict]:
        """As `VerifierClient.verify_group`."""
        return _verdicts(await self._post("/verify/group", {"responses": list(responses), "label": label, **more}))

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return await post(self._client, self._url + path, body, self._tries)


def _verdicts(answer: Any) -> list[Verdict]:
    return [_verdict(one) for one in answer["verdicts"]]


def _verdict(answer: Any) -> Verdict:
    if not isinstance(answer, Mapping) or "valid" not in answer:
        raise VerifierError(f"the service did not answer with a verdict: {str(answer)[:200]}")
    if not answer["valid"]:
        return Verdict.invalid(answer["reason"])
    metrics = {name: value for name, value in answer["metrics"].items() if value is not None}
    return Verdict(answer["score"], correct=answer["correct"], reason=answer["reason"], metrics=metrics)
