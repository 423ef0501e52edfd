"""Evidence: how far a map can be trusted, measured and always held beside random maps.

`judge` gathers it for one case and `judge_cases` for many; `deletion_insertion` and `agreement`
take maps that are there already. Points that are padding or interpolated are in no score.
"""

from tscviz.explain.evidence.agreement import Agreement, agreement, native_method
from tscviz.explain.evidence.cases import CasesEvidence, MeanCurve
from tscviz.explain.evidence.curves import Curve, Curves, deletion_insertion, without_top
from tscviz.explain.evidence.intervals import Estimate, Estimates
from tscviz.explain.evidence.metrics import Infidelity, MaxSensitivity
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.orders import CONTROLS
from tscviz.explain.evidence.parts import PARTS
from tscviz.explain.evidence.randomisation import Randomisation
from tscviz.explain.evidence.report import Evidence, figures_of, gather, judge
from tscviz.explain.evidence.run import RUNNER_UP, CasesRun, judge_cases, runners_up
from tscviz.explain.evidence.stability import Stability
from tscviz.explain.evidence.subject import Pace, Stopped, Subject, subject_for, subject_of
from tscviz.explain.evidence.words import sentence_of

__all__ = [
    "CONTROLS",
    "PARTS",
    "RUNNER_UP",
    "Agreement",
    "CasesEvidence",
    "CasesRun",
    "Curve",
    "Curves",
    "Estimate",
    "Estimates",
    "Evidence",
    "EvidenceOptions",
    "Infidelity",
    "MaxSensitivity",
    "MeanCurve",
    "Pace",
    "Randomisation",
    "Stability",
    "Stopped",
    "Subject",
    "agreement",
    "deletion_insertion",
    "figures_of",
    "gather",
    "judge",
    "judge_cases",
    "native_method",
    "runners_up",
    "sentence_of",
    "subject_for",
    "subject_of",
    "without_top",
]
