"""The Merkle tree of RFC 9162 (leaf prefix 0x00, node prefix 0x01, SHA-256): append, root, inclusion, verification."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: how many leaves, and the roots of the complete subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """From the database's form: the hashes one after the other."""
        return cls(size, tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))

    def appended(self, leaf: bytes) -> "Frontier":
        """The frontier once ``leaf`` (a leaf's hash) has joined."""
        hashes, node, rest = list(self.hashes), leaf, self.size
        while rest & 1:
            node = node_hash(hashes.pop(), node)
            rest >>= 1
        return Frontier(self.size + 1, (*hashes, node))

    @property
    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def replay(bodies: Iterable[bytes]) -> Frontier:
    """The frontier of a whole log, from its leaves' bodies alone."""
    frontier = Frontier()
    for body in bodies:
        frontier = frontier.appended(leaf_hash(body))
    return frontier


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of some leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.appended(leaf)
    return frontier.root


def inclusion(leaves: Sequence[bytes], number: int) -> list[bytes]:
    """The siblings, from the leaf up, that prove leaf ``number`` to whoever holds the root over ``leaves``."""
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        split = low + (1 << ((high - low - 1).bit_length() - 1))
        if number < split:
            path.append(root_of(leaves[split:high]))
            high = split
        else:
            path.append(root_of(leaves[low:split]))
            low = split
    return path[::-1]


def verify_inclusion(leaf: bytes, number: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` leads from this leaf's hash to ``root`` in a tree of ``size`` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    at, last, node = number, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root
