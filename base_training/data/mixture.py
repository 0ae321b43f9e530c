"""Documents of several generators, one base for several tasks."""

import hashlib
import json
import random
from typing import Self

from pydantic import Field, model_validator

from base_training.config import Section
from base_training.data.source import DocumentSource, Part, generator, make_generator
from base_training.errors import InputError


class MixturePart(Section):
    """One generator of a mixture."""

    generator: str = Field(description="A registered corpus generator, such as arithmetic.")
    share: float = Field(1.0, ge=0, description="Of the documents, against the shares of the others.")
    settings: dict[str, object] = Field(default_factory=dict, description="The generator's own settings.")


class MixtureSettings(Section):
    """The generators and their shares."""

    parts: tuple[MixturePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_documents(self) -> Self:
        if not sum(part.share for part in self.parts) > 0:
            raise ValueError("one of the shares must be more than 0")
        return self


@generator("mixture", MixtureSettings)
class Mixture:
    """Documents of each part in their turn, by chance."""

    def __init__(self, settings: MixtureSettings) -> None:
        self._sources = [_source(place, part) for place, part in enumerate(settings.parts)]
        self._shares = [part.share for part in settings.parts]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the shares and of the parts' own fingerprints."""
        content = json.dumps([self._shares, [source.fingerprint for source in self._sources]])
        return hashlib.sha256(content.encode()).hexdigest()

    def document(self, part: Part, rng: random.Random) -> str:
        """One document of one of the parts."""
        (source,) = rng.choices(self._sources, self._shares)
        return source.document(part, rng)


def _source(place: int, part: MixturePart) -> DocumentSource:
    try:
        return make_generator(part.generator, part.settings)
    except InputError as error:
        raise InputError(f"data.settings.parts.{place}: {error}") from error
