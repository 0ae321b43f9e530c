"""`rlvr judge`: serve a chat model that the verifier `judge` asks."""

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rollouts.chat_server import ChatModel

judge = typer.Typer(help="Serve a model for the verifier judge.", no_args_is_help=True)


@judge.callback()
def _group() -> None:
    """Serve a model for the verifier judge."""


@judge.command()
def serve(
    model: Annotated[str, typer.Argument(help="A fetched model, a Hugging Face folder, or a hub id.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8001,
    dtype: Annotated[str, typer.Option(help="float32 or bfloat16.")] = "float32",
    max_running: Annotated[int, typer.Option(min=1, help="Requests that run at once.")] = 16,
    max_model_tokens: Annotated[
        int, typer.Option(min=16, help="Longest prompt and reply together, in tokens.")
    ] = 2048,
    kv_cache_gib: Annotated[int, typer.Option(min=1, help="KV cache on the CPU, in GiB.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Tell the address as JSON.")] = False,
) -> None:
    """Serve a chat model by vLLM behind an OpenAI-compatible endpoint of this machine, until Ctrl-C.

    It listens on the loopback address alone. A run serves its own judge where the recipe has a section judge.

    Example: [bold]rlvr judge serve smollm2-135m --port 8001[/bold]
    """
    from base_training.errors import InputError
    from rlvr.config import JudgeSection
    from rlvr.environment import check_environment, quiet_libraries
    from rlvr.judge import judge_model
    from rlvr.preflight import local_gpus

    if dtype not in ("float32", "bfloat16"):
        raise InputError(f"--dtype {dtype}: expected float32 or bfloat16")
    check_environment()
    quiet_libraries(hub_id=True)
    section = JudgeSection(
        model=model,
        dtype=dtype,  # type: ignore[arg-type]
        max_running=max_running,
        max_model_tokens=max_model_tokens,
        kv_cache_gib=kv_cache_gib,
    )
    asyncio.run(_serve_until_stopped(judge_model(section, port=port), local_gpus(), as_json))


async def _serve_until_stopped(model: "ChatModel", gpus: int, as_json: bool) -> None:
    from rewards.judge.endpoint import MODEL_VARIABLE, URL_VARIABLE
    from rollouts.chat_server import ChatServer
    from rollouts.environment import worker_environment

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    typer.echo(f"starting vLLM with {model.folder}", err=True)
    async with ChatServer(model, worker_environment(gpus)) as server:
        if as_json:
            typer.echo(json.dumps({"base_url": server.url, "model": model.name}))
        else:
            typer.echo(f"serving {model.name} at {server.url}")
            typer.echo(f"export {URL_VARIABLE}={server.url} {MODEL_VARIABLE}={model.name}")
        waits = [asyncio.ensure_future(one) for one in (stopped.wait(), server.failed())]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        for one in done:
            one.result()
