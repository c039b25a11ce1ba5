"""The forms in which a trained network can leave, by the ending of the file. Needs no torch, so that a menu
may list them at once.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from engine.message import Message, Trouble


@frozen
class Format:
    """A form of file: its ending, what a person calls it, what it is good for, and the page that writes it.

    `beside` are endings of further files that belong to it; they take the place of its own.
    """

    ending: str
    title: Message
    doc: Message
    page: str
    beside: tuple[str, ...] = ()

    def files(self, name: str) -> tuple[str, ...]:
        """The names of all files of an export, that of the proof last."""
        stem = name[: -len(self.ending)]
        return (name, *(stem + ending for ending in self.beside), proof_name(name))


FORMATS = (
    Format(
        ".onnx",
        Message("ONNX"),
        Message("Runs in ONNX Runtime, in browsers and on phones, from C++, C#, Java and JavaScript"),
        "onnx_file",
    ),
    Format(
        ".pt2",
        Message("PyTorch program"),
        Message("Opens with torch.export.load, without the source of the network"),
        "pt2_file",
    ),
    Format(
        ".safetensors",
        Message("Weights"),
        Message("The weights alone, with a JSON file that describes the network and its data"),
        "safetensors_file",
        (".json",),
    ),
    Format(
        ".py",
        Message("Python source"),
        Message("The network as a module that needs torch alone, with its weights and an example"),
        "python_file",
        (".weights.pt",),
    ),
)


def format_of(path: Path) -> Format:
    """The form that a file's ending asks for. Raises `Trouble` where there is none such."""
    for format in FORMATS:
        if path.name.lower().endswith(format.ending) and len(path.name) > len(format.ending):
            return format
    raise Trouble(
        "Expected a file name that ends in {endings}, received {name}. Choose one of these endings.",
        endings=", ".join(format.ending for format in FORMATS),
        name=path.name or str(path),
    )


def proof_name(name: str) -> str:
    """The file that says how well an export agrees with the network it came from."""
    return f"{name}.proof.json"
