"""The ladder: rungs from cheap to costly, stopped at the first that breaks; then the layer where the error is born."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import events
from .divergence import first_divergence
from .exchange import load_named
from .judge import INFINITE, Verdict, judge_curve, judge_named, worst
from .jumps import forward_beside_moved, judge_beside_jumps, judge_forward, judge_gradients
from .layer_rung import compare_layers
from .sides import Side
from .spread_rung import random_layers
from .stopped import stopped_note

RATE = 1e-3
# How far constant or idle weights are moved so that the check is not vacuous: those alone, then all.
SHAKES: tuple[tuple[float, bool], ...] = ((0.5, True), (1.0, False), (3.0, False))
DTYPES = ("float16", "bfloat16")


class Ladder:
    """Both sides, the folder between them, and the rungs so far."""

    def __init__(self, torch: Side, mindspore: Side, folder: Path, steps: int, graph: bool):
        self.torch, self.mindspore, self.folder, self.steps, self.graph = torch, mindspore, folder, steps, graph
        self.rungs: list[dict] = []
        self.left: list[dict] = []
        self.losses: dict | None = None
        self.built: dict = {}
        self.entries: tuple[Path, Path] = (Path(), Path())
        self.quiet = False
        # Parameters that have a gradient in the original, and those whose gradient is zero there.
        self.names: list[str] = []
        self.idle: list[str] = []
        self.total = 9 + (3 if graph else 0)

    def climb(self, root: Path, entry: Path, out: Path, out_entry: Path) -> dict:
        """The result: passed, rungs, notRun, losses, firstDivergence, versions."""
        self.entries = (entry, out_entry)
        self.torch.send("build", folder=str(self.folder), root=str(root), entry=str(entry))
        self.mindspore.send("build", folder=str(self.folder), out=str(out), entry=str(out_entry))
        self.built = self.torch.receive()
        migrated = self.mindspore.receive()
        self.mindspore.ask("inputs", flags=self.built.pop("flags"))
        broken = self.weights() or self.pynative() or self.shaken() or self.in_graph()
        result: dict[str, Any] = {
            "passed": broken is None,
            "rungs": self.rungs,
            "notRun": self.left,
            "versions": {**self.built["versions"], **migrated["versions"]},
        }
        if self.losses:
            result["losses"] = self.losses
        divergence = broken and first_divergence(self, broken)
        if divergence:
            result["firstDivergence"] = divergence
        return result

    def rung(
        self, name: str, started: float, verdict: Verdict, kind: str, mode: str, graph: bool = False, note: str = "", **more: Any
    ) -> dict | None:
        """Notes a rung; answers what broke, or None."""
        words = [f"worst: {verdict.what}"] if verdict.what and not verdict.passed else []
        if verdict.passed and verdict.torch > 1e-3 and not kind.startswith(("mixed", "update")):
            words.append(
                f"PyTorch's own float32 is {verdict.torch:.0e} from the float64 reference here: small faults cannot be told from rounding"
            )
        rung = {
            "name": name,
            "passed": verdict.passed,
            "torchError": verdict.torch,
            "mindsporeError": verdict.mindspore,
            "ratio": verdict.ratio,
            "maxAbs": verdict.apart,
            "seconds": round(time.monotonic() - started, 3),
        }
        note = "; ".join(filter(None, [*words, note]))
        if note:
            rung["note"] = note
        self.rungs.append(rung)
        events.progress(f"verifying: {name}", len(self.rungs), max(self.total, len(self.rungs)))
        return None if verdict.passed else {"kind": kind, "mode": mode, "graph": graph, "name": verdict.name, "verdict": verdict, **more}

    def failed(self, name: str, started: float, answer: dict, kind: str, mode: str, graph: bool = False) -> dict | None:
        where = f" at {answer['where']}" if answer.get("where") else ""
        return self.rung(
            name,
            started,
            Verdict(False, 0.0, INFINITE, INFINITE),
            kind,
            mode,
            graph,
            answer["error"] + where,
            raised=True,
            where=answer.get("where", ""),
        )

    def not_run(self, name: str, reason: str) -> None:
        self.left.append({"name": name, "reason": reason})

    def files(self, stem: str, names: Sequence[str] = ("torch64", "torch32", "beside")) -> list[dict]:
        return [load_named(self.folder / f"{stem}-{name}.npz") for name in names]

    def weights(self) -> dict | None:
        started = time.monotonic()
        answer = self.mindspore.ask("weights", first=True)
        built = self.built
        wrong, at = [], ""

        def differs(words: str, names: Sequence[str]) -> None:
            nonlocal at
            if names:
                at = at or names[0]
                wrong.append(f"{words}: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}")

        known = set(built["parameters"]) | set(built["frozen"])
        trainable, listed = set(answer["trainable"]), set(answer["parameters"])
        differs("missing", answer["missing"])
        differs("unexpected", [name for name in answer["unexpected"] if name not in built["scratch"]])
        if not wrong:
            differs("torch_parameters differs", sorted(known ^ listed))
        differs("to be trained, but frozen in the original", sorted((trainable & known) - set(built["parameters"])))
        differs("frozen, but to be trained in the original", sorted((listed & set(built["parameters"])) - trainable))
        differs(
            "no longer one parameter",
            [" and ".join(group) for group in built["tied"] if not any(set(group) <= set(one) for one in answer["tied"])],
        )
        differs(
            "one parameter now", [" and ".join(one) for one in answer["tied"] if not any(set(one) <= set(group) for group in built["tied"])]
        )
        scratch = [name for name in answer["built"] if name in built["scratch"]]
        if scratch:
            random = self.torch.ask("random_buffers")["names"]
            differs("built otherwise, and no checkpoint holds it", [name for name in scratch if name not in random])
        if answer["apart"] != 0.0:
            differs("not what was loaded", [answer["worst"]])
        notes = [*wrong]
        others = [name for name in answer["built"] if name not in scratch]
        if others:
            notes.append(
                f"built with other values, before the original's were loaded: {', '.join(others[:4])}{' …' if len(others) > 4 else ''}"
            )
        verdict = Verdict(not wrong, 0.0, answer["apart"] if answer["apart"] or not wrong else INFINITE, answer["apart"], name=at)
        return self.rung("weights", started, verdict, "weights", built["base"], note="; ".join(notes))

    def pynative(self) -> dict | None:
        """Every rung in PyNative, on the weights as they were built."""
        base, other, training = self.built["base"], self.built["other"], self.built["training"]
        if self.built["unmatched"]:
            self.silence()
        return (
            self.forward("forward", base)
            or (self.forward(f"forward, {other} mode", other) if other else None)
            or self.layers(base)
            or random_layers(self, training)
            or self.loss(training)
            or self.gradients("gradients", training)
            or self.optimise()
            or self.train("training", training)
            or self.mixed(training)
        )

    def silence(self) -> bool:
        """Switches off the layers whose random numbers cannot be matched; answers whether nothing is random any more."""
        layers = self.built["random"]
        left = self.torch.ask("quieten", layers=layers)
        if left["drawing"] or left["unmatched"]:
            layers = ["*"]
            left = self.torch.ask("quieten", layers=layers)
        self.mindspore.ask("quieten", layers=layers)
        self.quiet = True
        return not (left["drawing"] or left["unmatched"])

    def quiet_note(self) -> str:
        if not self.quiet:
            return ""
        names = [path or "the model itself" for path in self.built["random"]]
        return f"random layers switched off, as their numbers cannot be matched: {', '.join(names[:6])}{' …' if len(names) > 6 else ''}"

    def random_note(self, mode: str) -> str:
        if self.quiet:
            return self.quiet_note()
        layers = [path or "the model itself" for path in self.built["random"]]
        return (
            f"the same random numbers on both sides in {', '.join(layers[:4])}{' …' if len(layers) > 4 else ''}"
            if layers and mode != "evaluation"
            else ""
        )

    def forward(self, name: str, mode: str, graph: bool = False, calls: int = 3) -> dict | None:
        started = time.monotonic()
        given = self.torch.ask("forward", mode=mode)
        answer = self.mindspore.ask("forward", mode=mode, graph=graph, calls=calls)
        if "error" in answer:
            return self.failed(name, started, answer, "forward", mode, graph)
        right, *runs = self.files(f"forward-{mode}")
        found = [load_named(self.folder / f"mindspore-{number}.npz") for number in range(answer["calls"])]
        verdict = judge_forward("forward", right, runs, found)
        if not verdict.passed and not graph and not self.quiet and answer["drawn"] != given["drawn"]:
            self.silence()
            return self.forward(name, mode, graph, calls)
        moved = None if verdict.passed else forward_beside_moved(self, mode, right, runs, found)
        verdict, decided = moved or (verdict, "")
        lacking = (
            f"no float64 reference ({given['lacking']}): the mean of four float32 runs, each a rounding beside, stands for it"
            if given["lacking"]
            else ""
        )
        refused = self.built.get("refused", "") if mode == self.built["base"] else ""
        return self.rung(
            name, started, verdict, "forward", mode, graph, "; ".join(filter(None, [lacking, refused, self.random_note(mode), decided]))
        )

    def layers(self, mode: str) -> dict | None:
        started = time.monotonic()
        found = compare_layers(self, mode)
        if found.lacking:
            self.not_run("layers", f"PyTorch has no float64 reference: {found.lacking}")
            return None
        return self.rung("layers", started, found.verdict, "layers", mode, note=found.note, found=found)

    def loss(self, mode: str) -> dict | None:
        started = time.monotonic()
        self.torch.ask("forward", mode=mode)
        given = self.torch.ask("loss", mode=mode)
        answer = self.mindspore.ask("loss", mode=mode)
        if "error" in answer:
            return self.failed("loss", started, answer, "loss", mode)
        curves = [[given["torch32"]], [given["beside"]]]
        return self.rung("loss", started, judge_curve([given["torch64"]], curves, [answer["loss"]]), "loss", mode)

    def gradients(self, name: str, mode: str, graph: bool = False, calls: int = 2) -> dict | None:
        started = time.monotonic()
        given = self.torch.ask("gradients", mode=mode)
        if given.get("undifferentiable"):
            self.not_run(name, "no output of the original depends on a parameter or input in a way that has a gradient")
            self.steps = 0
            return None
        self.idle = given["empty"]
        everything = self.built["parameters"]
        self.names = [one for one in everything if one not in given["none"]]
        answer = self.mindspore.ask("gradients", mode=mode, graph=graph, names=everything, calls=calls)
        if "error" in answer:
            return self.failed(name, started, answer, "gradients", mode, graph)
        right, *runs = self.files("gradients")
        found = [load_named(self.folder / f"mindspore-{number}.npz") for number in range(answer["calls"])]
        verdict = judge_gradients(right, runs, found)
        notes = [self.random_note(mode)]
        if not verdict.passed:
            jumped = judge_beside_jumps(self, mode, right, runs, found)
            if jumped:
                verdict, note = jumped
                notes.append(note)
            elif graph:
                notes.append(stopped_note(self.mindspore.said(), self.entries[1].parent))
        if self.idle:
            notes.append(
                f"{len(self.idle)} of {len(everything)} parameters have no gradient in the original: {', '.join(self.idle[:4])}{' …' if len(self.idle) > 4 else ''}"
            )
        return self.rung(name, started, verdict, "gradients", mode, graph, "; ".join(filter(None, notes)))

    def optimise(self) -> dict | None:
        """Three steps of each optimiser on the same gradients: what moves, and how far."""
        if not self.names or not (self.folder / "gradients-torch32.npz").exists():
            return None
        started = time.monotonic()
        verdicts, kinds = [], ["AdamW", "SGD"] + (["own"] if self.built["optimiser"] else [])
        for kind in kinds:
            self.torch.send("optimise", kind=kind, rate=RATE)
            answer = self.mindspore.ask("optimise", kind=kind, names=self.names, rate=RATE)
            self.torch.receive()
            if "error" in answer:
                return self.failed("optimiser step", started, {**answer, "error": f"{kind}: {answer['error']}"}, "update", "training")
            # How far the weights moved is judged; how far the moved weights are off is shown.
            judged = []
            for stem in ("update", "updated"):
                mine = load_named(self.folder / f"{stem}-mindspore.npz")
                right, own = [{key: one[key] for key in self.names} for one in self.files(stem, ("torch64", "torch32"))]
                judged.append(judge_named("update", right, [own], [{key: one for key, one in mine.items() if key in right}], relative=True))
            verdict = judged[0]
            verdict.what = f"{kind}, {verdict.what}"
            if verdict.passed:
                verdict.torch, verdict.mindspore, verdict.apart = judged[1].torch, judged[1].mindspore, judged[1].apart
            verdicts.append(verdict)
            if not verdict.passed:
                break
        label = " and ".join("the entry's own" if kind == "own" else kind for kind in kinds)
        return self.rung(
            "optimiser step", started, worst(verdicts), "update", "training", note=f"{label}, three steps on the original's gradients"
        )

    def train(self, name: str, mode: str, graph: bool = False) -> dict | None:
        if not self.steps or not self.names:
            return None
        started = time.monotonic()
        kind = "own" if self.built["optimiser"] and not graph else "AdamW"
        self.torch.send("train", mode=mode, kind=kind, steps=self.steps, rate=RATE)
        answer = self.mindspore.ask("train", mode=mode, graph=graph, kind=kind, names=self.names, steps=self.steps, rate=RATE)
        curves = self.torch.receive()
        if "lacking" in answer:
            return self.not_run(name, answer["lacking"])
        if "error" in answer:
            return self.failed(name, started, answer, "training", mode, graph)
        if not graph or not self.losses:
            self.losses = {"torch": curves["torch32"], "mindspore": answer["losses"]}
        verdict = judge_curve(curves["torch64"], [curves["torch32"], curves["beside"]], answer["losses"])
        label = "the entry's own optimiser" if kind == "own" else kind
        return self.rung(
            name,
            started,
            verdict,
            "training",
            mode,
            graph,
            "; ".join(filter(None, [f"{self.steps} steps of {label}", self.random_note(mode)])),
        )

    def mixed(self, mode: str) -> dict | None:
        """float16 and bfloat16, where both frameworks have the kernels; what did not run is no rung."""
        if not (self.folder / "gradients-torch32.npz").exists():
            return None
        for dtype in DTYPES:
            started = time.monotonic()
            name = f"mixed precision ({dtype})"
            self.torch.send("mixed", mode=mode, dtype=dtype)
            answer = self.mindspore.ask("mixed", mode=mode, dtype=dtype, names=self.built["parameters"])
            given = self.torch.receive()
            reason = given.get("lacking") or (f"MindSpore: {answer['error']}" if "error" in answer else "")
            if reason:
                self.not_run(name, reason)
                continue
            if not all(
                np.isfinite(one).all() for stem in ("mixed", "mixed-gradients") for one in self.files(stem, ("torch32",))[0].values()
            ):
                self.not_run(name, f"PyTorch's own autocast overflows {dtype} with these inputs and weights")
                continue
            verdicts = []
            for stem, right, kind in (("mixed", f"forward-{mode}", "mixed"), ("mixed-gradients", "gradients", "mixed gradients")):
                own, mine = self.files(stem, ("torch32", "mindspore"))
                reference = {key: value for key, value in self.files(right, ("torch64",))[0].items() if not key.startswith("buffer ")}
                verdicts.append(judge_named(kind, reference, [own], [mine], relative=stem != "mixed"))
            # Gradients are only asked for their first digit: what is shown is the forward pass, unless they break.
            shown = verdicts[0] if all(one.passed for one in verdicts) else worst(verdicts)
            broken = self.rung(name, started, shown, "mixed", mode, note="forward and gradients, against PyTorch's own autocast")
            if broken:
                return broken
        return None

    def shaken(self) -> dict | None:
        """Where parameters are idle or all alike the check was vacuous there: once more with weights moved until they count."""
        vacuous = sorted({*self.idle, *self.built["flat"]})
        if not vacuous:
            return None
        mode, idle = self.built["training"], self.idle
        for shake, alone in SHAKES:
            self.torch.ask("weights", shake=shake, only=vacuous if alone else None)
            self.torch.ask("forward", mode=mode)
            found = self.torch.ask("gradients", mode=mode).get("empty", [])
            if not idle or len(found) < len(idle):
                self.mindspore.ask("weights")
                suffix = f", weights moved {shake:g}×"
                self.total += 2
                broken = self.forward(f"forward{suffix}", mode, calls=1) or self.gradients(f"gradients{suffix}", mode, calls=1)
                if broken:
                    return broken
                break
        self.torch.ask("weights", shake=0.0)
        self.mindspore.ask("weights")
        return None

    def in_graph(self) -> dict | None:
        if not self.graph:
            return None
        if self.built["random"] and not self.silence():
            self.not_run("graph mode", "the original draws random numbers even in evaluation mode, and a compiled graph draws its own")
            return None
        base, training = self.built["base"], self.built["training"]
        broken = self.forward("graph forward", base, graph=True)
        if broken:
            return broken
        self.torch.ask("forward", mode=training)
        return self.gradients("graph gradients", training, graph=True, calls=3) or self.train("graph training", training, graph=True)
