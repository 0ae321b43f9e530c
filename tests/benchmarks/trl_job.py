"""The quickstart's work in TRL, as a process of its own: `python -m tests.benchmarks.trl_job JOB.json`.

JOB.json names the model, the prompts in training order with their answers, and the settings that both sides share;
the trained model and the seconds of each step are written where it says.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

import torch
from datasets import Dataset
from transformers import AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer


class StepTimes(TrainerCallback):
    """Seconds of each optimizer step, generation included."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._last = 0.0

    def on_train_begin(self, *_: object, **__: object) -> None:
        self._last = time.monotonic()

    def on_step_end(self, *_: object, **__: object) -> None:
        now = time.monotonic()
        self.seconds.append(now - self._last)
        self._last = now
        print(f"step {len(self.seconds)}: {self.seconds[-1]:.1f} s", flush=True)


def last_integer(completions: list[list[dict[str, str]]], answer: list[str], **_: object) -> list[float]:
    """1 where the last integer of a completion is the answer."""
    found = [re.findall(r"-?\d+", completion[0]["content"]) for completion in completions]
    return [
        float(bool(numbers) and int(numbers[-1]) == int(gold)) for numbers, gold in zip(found, answer, strict=True)
    ]


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(job["threads"])
    rows = [
        {"prompt": [{"role": "user", "content": question}], "answer": answer}
        for question, answer in job["problems"]
    ]
    times = StepTimes()
    samples = job["samples_per_problem"]
    trainer = GRPOTrainer(
        model=job["model"],
        processing_class=AutoTokenizer.from_pretrained(job["model"]),
        reward_funcs=last_integer,
        train_dataset=Dataset.from_list(rows),
        callbacks=[times],
        args=GRPOConfig(
            output_dir=job["output"],
            per_device_train_batch_size=job["problems_per_step"] * samples,
            num_generations=samples,
            max_steps=job["steps"],
            max_completion_length=job["max_tokens"],
            learning_rate=job["lr"],
            lr_scheduler_type="constant",
            temperature=1.0,
            beta=0.0,
            loss_type="dapo",
            scale_rewards="none",
            epsilon=0.2,
            epsilon_high=0.272,
            shuffle_dataset=False,
            seed=job["seed"],
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to="none",
            logging_steps=1,
            save_strategy="no",
            disable_tqdm=True,
        ),
    )
    trainer.train()
    trainer.save_model(job["output"])
    trainer.processing_class.save_pretrained(job["output"])
    result = {
        "step_seconds": times.seconds,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    Path(job["result"]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
