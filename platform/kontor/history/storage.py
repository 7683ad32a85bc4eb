"""Where the bytes of files lie: a folder of the company, or a bucket under the company's prefix."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from kontor.database.tenancy import current_schema
from kontor.errors import Refused
from kontor.values.columns import new_id

LARGEST = int(os.environ.get("KONTOR_FILE_LIMIT_MB", "25")) * 2**20
_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that were put away."""

    key: str
    size: int
    sha256: str


class Store(Protocol):
    """What a place for files can do; keys begin with the company's schema."""

    def put(self, key: str, blocks: Iterable[bytes]) -> None: ...

    def get(self, key: str) -> Iterator[bytes]: ...

    def drop(self, key: str) -> None: ...


class DiskStore:
    """Files under ``settings.FILES/<schema>/``, which nobody but the service's own user can open."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, blocks: Iterable[bytes]) -> None:
        path = self._path(key)
        for folder in (self.root, *(self.root / p for p in reversed(Path(key).parents[:-1]))):
            folder.mkdir(mode=0o700, parents=folder == self.root, exist_ok=True)
        part = path.with_suffix(".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                for block in blocks:
                    file.write(block)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> Iterator[bytes]:
        with self._path(key).open("rb") as file:
            while block := file.read(_BLOCK):
                yield block

    def drop(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise Refused(_("This file lies outside of the file store."), code="bad_key")
        return path


class BucketStore:
    """An S3 bucket (``KONTOR_S3_BUCKET``, ``KONTOR_S3_ENDPOINT``); credentials as boto3 finds them."""

    def __init__(self, bucket: str, endpoint: str = "") -> None:
        import boto3

        self.bucket = bucket
        self.client: Any = boto3.client("s3", endpoint_url=endpoint or None)

    def put(self, key: str, blocks: Iterable[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(max_size=4 * 2**20) as file:
            for block in blocks:
                file.write(block)
            file.seek(0)
            self.client.upload_fileobj(file, self.bucket, key)

    def get(self, key: str) -> Iterator[bytes]:
        body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        yield from body.iter_chunks(_BLOCK)

    def drop(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)


def store() -> Store:
    """The place this installation uses."""
    bucket = os.environ.get("KONTOR_S3_BUCKET", "")
    if bucket:
        return BucketStore(bucket, os.environ.get("KONTOR_S3_ENDPOINT", ""))
    return DiskStore(Path(settings.FILES))


def put(blocks: Iterable[bytes], *, largest: int = 0) -> Stored:
    """Put bytes away under the present company; Refused (413) beyond the limit, which our own exports raise."""
    largest = largest or LARGEST
    name = new_id().hex
    key = f"{current_schema()}/{name[-2:]}/{name}"
    digest, size = hashlib.sha256(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for block in blocks:
            size += len(block)
            if size > largest:
                raise Refused(
                    _("The file is larger than %(n)d MB.") % {"n": largest // 2**20}, code="file_too_large", status=413
                )
            digest.update(block)
            yield block

    store().put(key, counted())
    return Stored(key, size, digest.hexdigest())


def get(key: str) -> Iterator[bytes]:
    """The bytes of a file of the present company."""
    if not key.startswith(f"{current_schema()}/") or ".." in key.split("/"):
        raise Refused(_("This file belongs to another company."), code="bad_key")
    return store().get(key)
