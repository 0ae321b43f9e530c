"""The judge that a run serves itself, for its verifiers `judge` that name no endpoint."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from base_training.errors import InputError
from rewards.judge.endpoint import MODEL_VARIABLE, URL_VARIABLE
from rlvr.config import JudgeSection
from rollouts.chat_server import ChatModel, ChatServer
from rollouts.environment import worker_environment


def judge_model(section: JudgeSection, port: int = 0) -> ChatModel:
    """The model of a recipe's section, found and checked.

    Raises:
        InputError: There is no such model, or it has no chat template.
    """
    from base_training.models.build import load_tokenizer
    from base_training.models.resolve import resolve_model

    folder = resolve_model(section.model, seed=0)
    if not load_tokenizer(folder).chat_template:
        raise InputError(f"judge: {section.model} has no chat template; a judge must be a chat model")
    return ChatModel(
        name=section.model,
        folder=folder,
        dtype=section.dtype,
        max_running=section.max_running,
        max_model_tokens=section.max_model_tokens,
        kv_cache_gib=section.kv_cache_gib,
        port=port,
    )


@asynccontextmanager
async def judge_served(
    model: ChatModel | None, cores: Sequence[int], gpus: int, say: Callable[[str], None]
) -> AsyncIterator[dict[str, str]]:
    """Serve the judge, where there is one, and say to verifiers where it is.

    Args:
        model: The judge; None for none.
        cores: Cores that nobody else is pinned to; without any it shares those of the others.
        gpus: Of the cluster.
        say: Is told what is being done.

    Yields:
        The environment by which verifiers find it.

    Raises:
        InputError: The model cannot be served, or the cluster has GPUs, which Ray would not know to be taken.
        ProcessError: vLLM did not start.
    """
    if model is None:
        yield {}
        return
    if gpus:
        raise InputError(
            f"judge: on GPUs, set one apart and serve it there: CUDA_VISIBLE_DEVICES=N rlvr judge serve "
            f"{model.name}, and give its address to the verifier as base_url"
        )
    say(f"starting the judge {model.name}")
    async with ChatServer(replace(model, cores=tuple(cores[:1])), worker_environment(gpus)) as server:
        yield {URL_VARIABLE: server.url, MODEL_VARIABLE: model.name}
