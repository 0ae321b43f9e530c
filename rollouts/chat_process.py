"""The process behind a `rollouts.chat_server.ChatServer`: ``python -m rollouts.chat_process OPTIONS``.

It prints its port once it can be asked, and ends with all that it started when its standard input closes.
"""

import asyncio
import dataclasses
import json
import os
import signal
import socket
import sys
import threading
from typing import IO

from rollouts.chat_server import ChatModel
from rollouts.config import RolloutsSection
from rollouts.engine_process import fork_engines_from_server, import_ahead, pin_with_children


async def serve(model: ChatModel, answer: IO[str]) -> None:
    """Serve a model by vLLM's own application until SIGTERM.

    Args:
        model: What to serve.
        answer: Is told the port.
    """
    import uvicorn
    from vllm.config.structured_outputs import StructuredOutputsConfig
    from vllm.entrypoints.launchers.api_server.app_state import init_app_state
    from vllm.entrypoints.launchers.api_server.entry import build_async_engine_client_from_engine_args
    from vllm.entrypoints.launchers.app import build_app
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    from rollouts.arguments import engine_arguments

    section = RolloutsSection(
        max_running=model.max_running, max_model_tokens=model.max_model_tokens, kv_cache_gib=model.kv_cache_gib
    )
    engine_args = dataclasses.replace(
        engine_arguments(model.folder, model.dtype, section),
        served_model_name=[model.name],
        load_format="auto",
        weight_transfer_config=None,
        worker_extension_cls="",
        # Small models would fill a constrained reply with blanks until it is cut off.
        structured_outputs_config=StructuredOutputsConfig(backend="xgrammar", disable_any_whitespace=True),
    )
    options = make_arg_parser(FlexibleArgumentParser()).parse_args(
        ["--served-model-name", model.name, "--disable-fastapi-docs"]
    )
    options.model = model.folder
    with socket.create_server(("127.0.0.1", model.port), backlog=2048) as listening:
        async with build_async_engine_client_from_engine_args(engine_args) as engine:
            if model.cores:
                pin_with_children(model.cores)
            tasks = await engine.get_supported_tasks()
            app = build_app(options, tasks, engine.model_config)
            await init_app_state(engine, app.state, options, tasks)
            server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
            app.state.server = server  # vLLM ends it when its engine is dead
            print(listening.getsockname()[1], file=answer, flush=True)
            await server.serve(sockets=[listening])


def main() -> None:
    """Serve what the first argument says, a `ChatModel` as JSON."""
    answer, parent = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)  # vLLM writes its messages to standard output
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=_end_with, args=(parent,), name="parent-watch", daemon=True).start()
    import_ahead()
    options = json.loads(sys.argv[1])
    model = ChatModel(**{**options, "cores": tuple(options["cores"])})
    fork_engines_from_server()
    asyncio.run(serve(model, answer))


def _end_with(parent: IO[bytes]) -> None:
    """The other end of the pipe closes when the parent dies, however it dies."""
    parent.read()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
