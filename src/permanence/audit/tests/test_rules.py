"""The tree against an independent recursion and against a third-party RFC 9162 library."""

from hashlib import sha256

from hypothesis import given
from hypothesis.strategies import binary, data, integers, lists
from pymerkle import InmemoryTree

from permanence.audit.rules import Frontier, inclusion, leaf_hash, replay, root_of, verify_inclusion

bodies = lists(binary(max_size=40), max_size=70)


def recursion(entries):
    """RFC 9162, 2.1.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + recursion(entries[:split]) + recursion(entries[split:])).digest()


@given(bodies)
def test_the_root_is_that_of_the_standard_and_of_another_library(entries):
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    assert replay(entries).root == recursion(entries)
    assert replay(entries).root == (other.get_root() if entries else recursion([]))


@given(bodies)
def test_the_frontier_has_one_hash_for_each_one_in_the_size(entries):
    frontier = replay(entries)
    assert frontier.size == len(entries)
    assert len(frontier.hashes) == len(entries).bit_count()
    assert Frontier.unpacked(frontier.size, b"".join(frontier.hashes)) == frontier


@given(bodies.filter(bool), data())
def test_a_leaf_proves_its_place_and_no_other(entries, draw):
    number = draw.draw(integers(0, len(entries) - 1))
    leaves = [leaf_hash(entry) for entry in entries]
    root, path, size = root_of(leaves), inclusion(leaves, number), len(leaves)
    assert verify_inclusion(leaves[number], number, size, path, root)
    assert not verify_inclusion(leaf_hash(entries[number] + b"!"), number, size, path, root)
    assert not verify_inclusion(leaves[number], number, size, [*path, root], root)
    assert not verify_inclusion(leaves[number], number, size, path, sha256(root).digest())
    assert not verify_inclusion(leaves[number], size, size, path, root)
    if path:
        assert not verify_inclusion(leaves[number], number, size, path[:-1], root)
        assert not verify_inclusion(leaves[number], number, size, [sha256(path[0]).digest(), *path[1:]], root)


@given(bodies.filter(lambda entries: len(entries) > 1), data())
def test_any_other_history_has_another_root(entries, draw):
    at = draw.draw(integers(0, len(entries) - 1))
    true = replay(entries).root
    assert replay([*entries[:at], entries[at] + b"!", *entries[at + 1 :]]).root != true
    assert replay([*entries[:at], *entries[at + 1 :]]).root != true
    assert replay([*entries[:at], b"inserted", *entries[at:]]).root != true
    swapped = [*entries[1:], entries[0]]
    assert swapped == entries or replay(swapped).root != true
