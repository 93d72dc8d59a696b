"""The experimental protocol as data: inductions, doses, arms, designs and study files."""

from eaesim.protocol.arm import Arm
from eaesim.protocol.design import Design
from eaesim.protocol.dose import Bolus, Infusion
from eaesim.protocol.induction import Immunisation, Relapse, Transfer
from eaesim.protocol.regimen import Regimen
from eaesim.protocol.studyfile import StudyFile, read_study_file

__all__ = [
    "Arm",
    "Bolus",
    "Design",
    "Immunisation",
    "Infusion",
    "Regimen",
    "Relapse",
    "StudyFile",
    "Transfer",
    "read_study_file",
]
