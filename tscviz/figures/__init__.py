"""Figures: dataclasses and arrays in, ``plotly.graph_objects.Figure`` out.

Every figure is drawn for a light or a dark page (``dark=``) on transparent paper, names its axes
with units, and carries a sentence of alternative text, see `alt_text`. Text from files (class and
channel names) is escaped. Series above 5000 points are thinned for display, see `notes`.
In Streamlit show them with ``theme=None``.
"""

from tscviz.figures.alignment import plot_alignment
from tscviz.figures.cam import CamPanel, plot_cam, plot_cam_panels
from tscviz.figures.cam_heatmap import plot_cam_heatmap
from tscviz.figures.class_cams import CamView, plot_class_cams, plot_segmented_cases
from tscviz.figures.confusion import plot_confusion
from tscviz.figures.dataset import plot_case_map, plot_class_means, plot_glance
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
from tscviz.figures.palette import class_style, look, signed_scale, theme, unsigned_scale
from tscviz.figures.prediction import plot_probabilities
from tscviz.figures.prototypes import (
    plot_prototype_similarity,
    plot_prototypes,
    plot_segment_shapes,
)
from tscviz.figures.segments import plot_contributions, plot_segment_lengths
from tscviz.figures.series import plot_series
from tscviz.figures.stats import Projection, project_cases
from tscviz.figures.summary import plot_class_balance, plot_lengths, plot_missing
from tscviz.figures.text import clean, escape
from tscviz.figures.training import plot_training

__all__ = [
    "CamPanel",
    "CamView",
    "ExportError",
    "Projection",
    "alt_text",
    "can_export_images",
    "chart_config",
    "class_style",
    "clean",
    "escape",
    "look",
    "notes",
    "plot_alignment",
    "plot_cam",
    "plot_cam_heatmap",
    "plot_cam_panels",
    "plot_case_map",
    "plot_class_balance",
    "plot_class_cams",
    "plot_class_means",
    "plot_confusion",
    "plot_contributions",
    "plot_glance",
    "plot_lengths",
    "plot_missing",
    "plot_probabilities",
    "plot_prototype_similarity",
    "plot_prototypes",
    "plot_segment_lengths",
    "plot_segment_shapes",
    "plot_segmented_cases",
    "plot_series",
    "plot_training",
    "project_cases",
    "signed_scale",
    "theme",
    "to_csv",
    "to_html",
    "to_image",
    "to_json",
    "unsigned_scale",
]
