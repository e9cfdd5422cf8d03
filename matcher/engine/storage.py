"""A generation on disk: arrays as npz, the rest as json, both under a digest; no pickle."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.engine.bands import ENGINE_VERSION, Background
from matcher.engine.files import write_whole
from matcher.engine.hubs import Correction
from matcher.engine.lexicon import Lexicon
from matcher.engine.sides import Row, Side, to_csr
from matcher.engine.space import Parameters, Space
from matcher.engine.weighting import Weights

ARRAYS = "generation.npz"
META = "generation.json"
_FORMAT = 2
_SIDES = ("ideas", "profiles")


class IndexCorrupt(Exception):
    """A saved generation is missing, damaged or of another version; it must be rebuilt."""


class Stored(NamedTuple):
    """The parts of a generation as read back."""

    space: Space
    weights: Weights
    ideas: Side
    profiles: Side
    digest: str
    correction: Correction
    background: Background


def save(folder: Path, stored: Stored) -> None:
    """Write both files; each appears whole or not at all, and a mixed pair is refused on load."""
    space, weights = stored.space, stored.weights
    arrays: dict[str, NDArray[Any]] = {"idf": weights.idf}
    meta: dict[str, Any] = {
        "format": _FORMAT,
        "engine": ENGINE_VERSION,
        "lexicon": space.lexicon.digest,
        "parameters": asdict(space.parameters),
        "digest": stored.digest,
        "correction": asdict(stored.correction),
        "background": asdict(stored.background),
        "n_documents": weights.n_documents,
        "names": space.vocabulary.names,
    }
    for name, side in zip(_SIDES, (stored.ideas, stored.profiles), strict=True):
        arrays |= _side_arrays(name, side)
        meta[name] = {
            "ids": side.fitted_ids,
            "content": side.content_digests,
            "removed": sorted(side.removed),
            "learnt": sorted(side.learnt),
            "added": [[one, row.content_digest] for one, row in side.added.items()],
        }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    meta["arrays_sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
    meta["meta_sha256"] = _meta_digest(meta)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / ARRAYS, buffer.getvalue())
    write_whole(folder / META, json.dumps(meta).encode())


def _side_arrays(name: str, side: Side) -> dict[str, NDArray[Any]]:
    rows = list(side.added.values())
    width = max([side.fitted.shape[1], *(int(row.ids[-1]) + 1 for row in rows if len(row.ids))])
    added = to_csr([(row.ids, row.values) for row in rows], width)
    arrays: dict[str, NDArray[Any]] = {}
    for label, matrix in (("fitted", side.fitted), ("added", added)):
        arrays[f"{name}.{label}.data"] = matrix.data
        arrays[f"{name}.{label}.indices"] = matrix.indices
        arrays[f"{name}.{label}.indptr"] = matrix.indptr
        arrays[f"{name}.{label}.shape"] = np.array(matrix.shape)
    arrays[f"{name}.hubs"] = side.hubs
    arrays[f"{name}.known"] = side.known_terms
    arrays[f"{name}.added.hubs"] = np.array([row.hub for row in rows], dtype=np.float32)
    arrays[f"{name}.added.known"] = np.array([row.known_terms for row in rows], dtype=np.int64)
    return arrays


def _meta_digest(meta: Mapping[str, Any]) -> str:
    signed = {key: value for key, value in meta.items() if key != "meta_sha256"}
    return hashlib.sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()


def load(folder: Path, lexicon: Lexicon) -> Stored:
    """Read both files and check them; raises IndexCorrupt with the reason."""
    try:
        meta = json.loads((folder / META).read_bytes())
        content = (folder / ARRAYS).read_bytes()
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"the saved index cannot be read: {error}") from error
    _check(meta, content, lexicon)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _assemble(meta, arrays, lexicon)
    except (KeyError, ValueError, TypeError, OSError, BadZipFile) as error:
        raise IndexCorrupt(f"the saved index cannot be put together: {error}") from error


def _check(meta: Any, content: bytes, lexicon: Lexicon) -> None:
    if not isinstance(meta, dict) or meta.get("meta_sha256") != _meta_digest(meta):
        raise IndexCorrupt("the saved index is damaged: its description has another digest")
    if meta.get("format") != _FORMAT or meta.get("engine") != ENGINE_VERSION:
        raise IndexCorrupt(f"the saved index is of engine {meta.get('engine')}")
    if meta.get("arrays_sha256") != hashlib.sha256(content).hexdigest():
        raise IndexCorrupt("the saved index is damaged: its arrays have another digest")
    if meta.get("lexicon") != lexicon.digest:
        raise IndexCorrupt("the lexicon has changed since the index was saved")


def _assemble(meta: dict[str, Any], arrays: Mapping[str, Any], lexicon: Lexicon) -> Stored:
    values = dict(meta["parameters"])
    values["grams"] = tuple(values["grams"])
    space = Space(lexicon, Parameters(**values), meta["names"])
    weights = Weights(arrays["idf"], int(meta["n_documents"]))
    ideas, profiles = (_side(name, meta[name], arrays) for name in _SIDES)
    return Stored(
        space,
        weights,
        ideas,
        profiles,
        str(meta["digest"]),
        Correction(**meta["correction"]),
        Background(**meta["background"]),
    )


def _matrix(name: str, arrays: Mapping[str, Any]) -> csr_matrix:
    parts = (arrays[f"{name}.data"], arrays[f"{name}.indices"], arrays[f"{name}.indptr"])
    return csr_matrix(parts, shape=tuple(arrays[f"{name}.shape"]))


def _side(name: str, meta: dict[str, Any], arrays: Mapping[str, Any]) -> Side:
    added = _matrix(f"{name}.added", arrays)
    hubs: Sequence[np.float32] = arrays[f"{name}.added.hubs"]
    known = arrays[f"{name}.added.known"]
    rows = {}
    for number, (identifier, digest) in enumerate(meta["added"]):
        start, end = added.indptr[number], added.indptr[number + 1]
        ids, values = added.indices[start:end], added.data[start:end]
        rows[identifier] = Row(ids, values, hubs[number], int(known[number]), digest)
    return Side(
        meta["ids"],
        _matrix(f"{name}.fitted", arrays),
        arrays[f"{name}.hubs"],
        arrays[f"{name}.known"],
        meta["content"],
        rows,
        set(meta["removed"]),
        set(meta["learnt"]),
    )
