"""The environment that a rollout worker's process needs before it imports vLLM."""

WORKER_ENVIRONMENT: dict[str, str] = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # on the CPU: no third process, and no binding of cores by vLLM
    "VLLM_NO_USAGE_STATS": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}

CPU_ENVIRONMENT: dict[str, str] = {
    "TORCHDYNAMO_DISABLE": "1",  # the first compilation takes longer than most runs gain by it
    # Keep freed memory: the large buffers of every step, and of every weight update, are then not zeroed anew.
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
}


def worker_environment(gpus: int) -> dict[str, str]:
    """Variables to set before the process starts."""
    return {**WORKER_ENVIRONMENT, **({} if gpus else CPU_ENVIRONMENT)}
