"""Figures: dataclasses and arrays in, ``plotly.graph_objects.Figure`` out.

Every figure is drawn for a light or a dark page (``dark=``) on transparent paper, names its axes
with units, and carries a sentence of alternative text, see `alt_text`. Text from files (class and
channel names) is escaped. Series above 5000 points are thinned for display, see `notes`.
In Streamlit show them with ``theme=None``.
"""

# Plotly looks in sys.modules for pandas at every value and takes it half imported, where another
# thread is at it: so it is imported whole before there is a figure.
import pandas as pd  # noqa: F401

from tscviz.figures.activation_map import plot_activation_map
from tscviz.figures.alignment import plot_alignment
from tscviz.figures.attention import plot_attention
from tscviz.figures.branches import plot_branch_spread, plot_branches, plot_filter_scales
from tscviz.figures.cam import CamPanel, plot_cam, plot_cam_panels
from tscviz.figures.cam_heatmap import plot_cam_heatmap
from tscviz.figures.class_attention import (
    plot_attention_entropy,
    plot_class_attention,
    plot_place_attention,
)
from tscviz.figures.class_cams import CamView, plot_class_cams, plot_segmented_cases
from tscviz.figures.comparison import ComparisonColumn, MapRow, plot_comparison
from tscviz.figures.confusion import plot_confusion
from tscviz.figures.dataset import plot_case_map, plot_class_means, plot_glance
from tscviz.figures.evidence import plot_deletion_insertion, plot_mean_deletion_insertion
from tscviz.figures.evidence_maps import plot_agreement, plot_randomisation
from tscviz.figures.export import (
    ExportError,
    alt_text,
    can_export_images,
    chart_config,
    notes,
    to_csv,
    to_html,
    to_image,
    to_json,
)
from tscviz.figures.filters import length_colours, plot_filters
from tscviz.figures.length_ablation import plot_length_ablation
from tscviz.figures.mask_history import plot_mask_history
from tscviz.figures.mask_movement import plot_mask_movement
from tscviz.figures.masks import plot_kernel_masks
from tscviz.figures.occlusion import plot_occlusion, worst_window
from tscviz.figures.palette import class_style, look, signed_scale, theme, unsigned_scale
from tscviz.figures.planted import plot_planted
from tscviz.figures.planted_maps import plot_planted_maps
from tscviz.figures.planted_ranks import RankRow, plot_localisation
from tscviz.figures.planted_record import RecordCell, plot_planted_record
from tscviz.figures.prediction import plot_probabilities
from tscviz.figures.prototypes import (
    plot_prototype_similarity,
    plot_prototypes,
    plot_segment_shapes,
)
from tscviz.figures.receptive_fields import SizePanel, plot_enrf_sizes
from tscviz.figures.results_costs import CostPoints, plot_cost, plot_option_effect
from tscviz.figures.results_curves import SeedCurves, plot_learning_curves, seed_curves
from tscviz.figures.results_matrix import plot_multi_comparison
from tscviz.figures.results_pairs import plot_pairwise
from tscviz.figures.results_ranks import plot_critical_difference
from tscviz.figures.segments import plot_contributions, plot_segment_lengths
from tscviz.figures.series import plot_series
from tscviz.figures.stack_sizes import StackCurve, plot_stack_sizes
from tscviz.figures.stats import Projection, project_cases
from tscviz.figures.summary import plot_class_balance, plot_lengths, plot_missing
from tscviz.figures.text import clean, escape
from tscviz.figures.training import plot_training
from tscviz.figures.what_if import WhatIfVersion, plot_what_if

__all__ = [
    "CamPanel",
    "CamView",
    "ComparisonColumn",
    "CostPoints",
    "ExportError",
    "MapRow",
    "Projection",
    "RankRow",
    "RecordCell",
    "SeedCurves",
    "SizePanel",
    "StackCurve",
    "WhatIfVersion",
    "alt_text",
    "can_export_images",
    "chart_config",
    "class_style",
    "clean",
    "escape",
    "length_colours",
    "look",
    "notes",
    "plot_activation_map",
    "plot_agreement",
    "plot_alignment",
    "plot_attention",
    "plot_attention_entropy",
    "plot_branch_spread",
    "plot_branches",
    "plot_cam",
    "plot_cam_heatmap",
    "plot_cam_panels",
    "plot_case_map",
    "plot_class_attention",
    "plot_class_balance",
    "plot_class_cams",
    "plot_class_means",
    "plot_comparison",
    "plot_confusion",
    "plot_contributions",
    "plot_cost",
    "plot_critical_difference",
    "plot_deletion_insertion",
    "plot_enrf_sizes",
    "plot_filter_scales",
    "plot_filters",
    "plot_glance",
    "plot_kernel_masks",
    "plot_learning_curves",
    "plot_length_ablation",
    "plot_lengths",
    "plot_localisation",
    "plot_mask_history",
    "plot_mask_movement",
    "plot_mean_deletion_insertion",
    "plot_missing",
    "plot_multi_comparison",
    "plot_occlusion",
    "plot_option_effect",
    "plot_pairwise",
    "plot_place_attention",
    "plot_planted",
    "plot_planted_maps",
    "plot_planted_record",
    "plot_probabilities",
    "plot_prototype_similarity",
    "plot_prototypes",
    "plot_randomisation",
    "plot_segment_lengths",
    "plot_segment_shapes",
    "plot_segmented_cases",
    "plot_series",
    "plot_stack_sizes",
    "plot_training",
    "plot_what_if",
    "project_cases",
    "seed_curves",
    "signed_scale",
    "theme",
    "to_csv",
    "to_html",
    "to_image",
    "to_json",
    "unsigned_scale",
    "worst_window",
]
