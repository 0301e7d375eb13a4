"""The ladder: rungs from cheap to costly, stopped at the first that breaks; then the layer where the error is born."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .. import events
from .exchange import leaves, load
from .judge import Verdict, judge_gradients, judge_losses, judge_outputs
from .sides import Side

RATE = 1e-3
SHAKES = (1.0, 3.0)


class Ladder:
    """Both sides, the folder between them, and the rungs so far."""

    def __init__(self, torch: Side, mindspore: Side, folder: Path, steps: int, graph: bool):
        self.torch, self.mindspore, self.folder, self.steps, self.graph = torch, mindspore, folder, steps, graph
        self.rungs: list[dict] = []
        self.losses: dict | None = None
        self.names: list[str] = []
        self.empty: list[str] = []
        self.quiet: list[str] = []
        self.total = 4 + (3 if graph else 0)

    def climb(self, root: Path, entry: Path, out: Path, out_entry: Path) -> dict:
        """The result: passed, rungs, losses, firstDivergence, versions."""
        built = self.torch.ask("build", folder=str(self.folder), root=str(root), entry=str(entry))
        self.quiet = built["quiet"]
        migrated = self.mindspore.ask("build", folder=str(self.folder), out=str(out), entry=str(out_entry), quiet=self.quiet)
        broken = self.weights(built) or self.compare(False)
        if not broken and self.empty:
            broken = self.shaken()
        if not broken and self.graph:
            broken = self.compare(True)
        result = {"passed": broken is None, "rungs": self.rungs, "versions": {**built["versions"], **migrated["versions"]}}
        if self.losses:
            result["losses"] = self.losses
        if broken and broken["kind"] != "weights":
            divergence = self.first_divergence(broken)
            if divergence:
                result["firstDivergence"] = divergence
        return result

    def rung(self, name: str, started: float, verdict: Verdict, kind: str, graph: bool, note: str = "") -> dict | None:
        """Notes a rung; answers what broke, or None."""
        words = [] if verdict.passed else [f"worst: {verdict.what}"] if verdict.what else []
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
        return None if verdict.passed else {"kind": kind, "graph": graph}

    def failed(self, name: str, started: float, answer: dict, kind: str, graph: bool) -> dict | None:
        where = f" at {answer['where']}" if answer.get("where") else ""
        broken = self.rung(name, started, Verdict(False, 0.0, float("inf"), float("inf")), kind, graph, answer["error"] + where)
        return {**(broken or {}), "where": answer.get("where", "")}

    def weights(self, built: dict) -> dict | None:
        started = time.monotonic()
        answer = self.mindspore.ask("weights")
        self.names = built["parameters"]
        wrong = []
        for word, names in (("missing", answer["missing"]), ("unexpected", answer["unexpected"])):
            if names:
                wrong.append(f"{word}: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}")
        known = set(self.names) | set(built["frozen"])
        absent = sorted(known - set(answer["parameters"])) + sorted(set(answer["parameters"]) - known)
        if absent and not wrong:
            wrong.append(f"torch_parameters differs: {', '.join(absent[:8])}")
        verdict = Verdict(not wrong and answer["apart"] == 0.0, 0.0, answer["apart"], answer["apart"])
        return self.rung("weights", started, verdict, "weights", False, "; ".join(wrong))

    def compare(self, graph: bool, suffix: str = "") -> dict | None:
        """Forward, gradients and training, in one mode."""
        lead = "graph " if graph else ""
        return (
            self.forward(f"{lead}forward{suffix}", graph)
            or self.gradients(f"{lead}gradients{suffix}", graph)
            or (self.train(f"{lead}training{suffix}", graph) if self.steps and not suffix else None)
        )

    def forward(self, name: str, graph: bool) -> dict | None:
        started = time.monotonic()
        note = self.torch.ask("forward").get("note", "")
        answer = self.mindspore.ask("forward", graph=graph)
        if "error" in answer:
            return self.failed(name, started, answer, "forward", graph)
        calls = [leaves(one) for one in load(self.folder / "mindspore.npz")]
        verdict = judge_outputs(self.loaded("torch64"), self.loaded("torch32"), calls)
        return self.rung(name, started, verdict, "forward", graph, note)

    def gradients(self, name: str, graph: bool) -> dict | None:
        started = time.monotonic()
        self.empty = self.torch.ask("gradients")["empty"]
        answer = self.mindspore.ask("gradients", graph=graph, names=self.names)
        if "error" in answer:
            return self.failed(name, started, answer, "gradients", graph)
        calls = [leaves(one) for one in load(self.folder / "mindspore.npz")]
        verdict = judge_gradients(self.names, self.loaded("torch64"), self.loaded("torch32"), calls)
        notes = []
        if self.empty:
            notes.append(
                f"{len(self.empty)} of {len(self.names)} parameters have no gradient in the original: {', '.join(self.empty[:4])}{' …' if len(self.empty) > 4 else ''}"
            )
        if self.quiet == ["*"]:
            notes.append("in evaluation mode: the original is random in training mode")
        elif self.quiet:
            notes.append(
                f"in training mode with {len(self.quiet)} random layers off: {', '.join(self.quiet[:3])}{' …' if len(self.quiet) > 3 else ''}"
            )
        return self.rung(name, started, verdict, "gradients", graph, "; ".join(notes))

    def train(self, name: str, graph: bool) -> dict | None:
        started = time.monotonic()
        curves = self.torch.ask("train", steps=self.steps, rate=RATE)
        answer = self.mindspore.ask("train", graph=graph, names=self.names, steps=self.steps, rate=RATE)
        self.mindspore.ask("weights")
        if "error" in answer:
            return self.failed(name, started, answer, "gradients", graph)
        verdict = judge_losses(curves["torch64"], curves["torch32"], answer["losses"])
        if not graph or not self.losses:
            self.losses = {"torch": curves["torch32"], "mindspore": answer["losses"]}
        return self.rung(name, started, verdict, "training", graph, f"{self.steps} steps of AdamW")

    def shaken(self) -> dict | None:
        """Where parameters have no gradient the check was vacuous there: once more with weights shaken until they have one."""
        before = self.empty
        for shake in SHAKES:
            self.torch.ask("weights", shake=shake)
            self.torch.ask("forward")
            if len(self.torch.ask("gradients")["empty"]) < len(before):
                self.total += 2
                self.mindspore.ask("weights")
                return self.compare(False, f", weights shaken {shake:g}×")
        self.torch.ask("weights", shake=0.0)
        return None

    def loaded(self, name: str) -> list[Any]:
        return leaves(load(self.folder / f"{name}.npz"))

    def first_divergence(self, broken: dict) -> dict | None:
        """The first layer, inner ones first, that goes wrong when it is fed the original's inputs."""
        gradient = broken["kind"] in ("gradients", "training")
        self.torch.ask("forward")
        listed = self.torch.ask("layers")
        layers, tree = listed["layers"], listed["tree"]
        migrated = self.mindspore.ask("lines")["lines"]
        for number, layer in enumerate(layers):
            events.progress("looking for the first diverging layer", number, len(layers))
            path = layer["path"]
            try:
                names = self.torch.ask("layer", path=path, gradient=gradient).get("names", [])
            except events.TradewindError:
                continue  # It cannot run by itself (a value that cannot travel); the layer around it will be tried.
            answer = self.mindspore.ask("layer", path=path, gradient=gradient, graph=broken["graph"], names=names)
            if "error" not in answer:
                calls = [leaves(one) for one in load(self.folder / "layer.npz")]
                right, own = self.loaded("layer64"), self.loaded("layer32")
                verdict = judge_gradients(names, right, own, calls) if gradient else judge_outputs(right, own, calls)
                if verdict.passed:
                    continue
                error = verdict.mindspore
            else:
                error = float("inf")
            return {
                "layer": path or "(the whole model)",
                "sourceLine": layer["line"],
                "migratedLine": answer.get("where") or migrated.get(path, ""),
                "error": error,
                "layers": tree,
            }
        return None
