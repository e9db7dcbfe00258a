"""What the loss prefers: its expected value under training's displacements for any modular code, and the best codes."""

from ._code_overlap import ModularCode as ModularCode
from ._code_overlap import least_widths as least_widths
from ._code_overlap import state_overlap as state_overlap
from ._code_theory import BestCode as BestCode
from ._code_theory import best_code as best_code
from ._code_theory import expected_loss as expected_loss
from ._nested_codes import NestedCode as NestedCode
from ._nested_codes import best_nested_code as best_nested_code
from ._nested_codes import similar_lattices as similar_lattices
from ._training_displacements import CodeSetting as CodeSetting
from ._training_displacements import Displacements as Displacements
from ._training_displacements import displacements as displacements
from ._training_displacements import step_differences as step_differences
