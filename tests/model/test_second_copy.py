"""The equations against a second copy of them, written from the design notes and not from the package.

The notes' own short names are kept, with a table that says which of ours they are.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from eaesim.model import Parameters, State, derivative

Animal = Callable[[int], tuple[State, Parameters]]
SEEDS = range(40)

STATE_OF = {
    "A": "antigen", "J": "adjuvant_complete", "Ds": "dendritic_semimature", "Dm": "dendritic_mature",
    "D2": "dendritic_lesion", "N1": "precursor", "N2": "precursor_spreading", "P1": "expansion_1",
    "P2": "expansion_2", "P3": "expansion_3", "P4": "expansion_4", "P5": "expansion_5", "Me": "memory",
    "S1": "licensing_early", "S2": "licensing_late", "Eb": "effector_blood", "Ec": "effector_cns",
    "R": "treg_node", "Rc": "treg_cns", "W": "bystander_cns", "M": "inflammation", "G": "stress_hormone",
    "G1": "germinal_centre_early", "G2": "germinal_centre_late", "B": "antibody_cells", "Y": "autoantibody",
    "Q": "deficit", "L": "demyelination", "X": "axon_loss", "H": "death_hazard", "C1": "igg_plasma",
    "C2": "igg_tissue",
}  # fmt: skip
ADDED_STATES = {
    "adjuvant_incomplete",
    "igg_infusion",
    "igg_peritoneal",
    "igg_subcutaneous",
    "anti_igg_early",
    "anti_igg_late",
    "anti_igg",
}
PARAMETER_OF = {
    "kA": "antigen_clearance", "kJ": "adjuvant_clearance", "KJ": "adjuvant_half_effect",
    "kup": "antigen_uptake", "kmat": "maturation_rate", "j0": "maturation_without_adjuvant",
    "ds": "dendritic_semimature_loss", "dm": "dendritic_mature_loss", "KD": "dendritic_half_saturation",
    "kSp": "spreading_rate", "KFs": "spreading_half_saturation", "rho": "lesion_priming_reach",
    "N10": "precursor_number", "N20": "precursor_number_spreading", "muN": "precursor_replacement",
    "kpr": "priming_rate", "kre": "memory_recall_rate", "ndiv": "divisions", "kp": "expansion_rate",
    "fM": "memory_fraction", "muMe": "memory_loss", "kl": "licensing_rate", "muE": "effector_blood_loss",
    "kin0": "cns_entry_rate", "aB": "barrier_opening", "rc": "effector_cns_growth",
    "Kc": "effector_cns_crowding", "muc": "effector_cns_death", "kapc": "effector_cns_death_by_treg",
    "kapG": "effector_cns_death_by_hormone", "R0": "treg_number", "kiT": "treg_induction",
    "rR": "treg_growth", "KI": "treg_growth_half_saturation", "muR": "treg_loss", "Rmax": "treg_capacity",
    "KR": "treg_priming_half_inhibition", "kinR": "treg_cns_entry_rate", "rRc": "treg_cns_growth",
    "Kc2": "treg_cns_growth_half_saturation", "muRc": "treg_cns_loss", "KRc": "treg_cns_half_inhibition",
    "Rcmax": "treg_cns_capacity", "kG": "hormone_rate", "KG": "hormone_half_effect",
    "KM": "inflammation_half_saturation", "eM": "inflammation_rate", "muM": "inflammation_resolution",
    "sM": "inflammation_suppression", "w0": "resident_share", "kW": "bystander_recruitment",
    "muW": "bystander_loss", "kL": "demyelination_rate", "krem": "remyelination_rate", "kX": "axon_loss_rate",
    "bare": "axon_loss_without_demyelination", "kQ": "deficit_rate", "KF6": "complement_half_activation",
    "kB": "antibody_cell_rate", "kG1": "germinal_centre_rate", "muB": "antibody_cell_loss",
    "KP": "antibody_help_half_saturation", "pY": "autoantibody_production", "wY": "autoantibody_damage",
    "wL": "demyelination_weight", "wX": "axon_loss_weight", "z50": "severity_half_effect", "hD": "death_rate",
    "SD": "death_severity", "gs": "severity_linearity", "gi": "inhibition_linearity",
    "V1": "igg_volume_plasma", "V2": "igg_volume_tissue", "Qd": "igg_exchange", "kint": "igg_uptake",
    "phi": "igg_recycled_fraction", "KF": "fcrn_half_saturation", "Cb": "igg_endogenous",
    "k0": "igg_cns_intact", "kleak": "igg_cns_leak", "Kleak": "igg_cns_leak_half_effect",
    "i1a": "potency_maturation", "i1b": "potency_priming", "e": "potency_treg",
    "ec": "treg_expansion_half_effect", "i3": "potency_fc_receptor", "share3": "monocyte_blood_share",
    "i4": "potency_complement", "i5": "potency_fcrn", "i6": "potency_cytokine", "kneu": "potency_adjuvant",
}  # fmt: skip


def second_copy(s: SimpleNamespace, p: SimpleNamespace, ccns: float) -> dict[str, float]:
    def inh(c: float, i: float) -> float:
        return 1 / (1 + (c * i) ** 2 * (1 + p.gi / (c * i or 1)) / (1 + p.gi * c * i))

    def reach(left: float) -> float:
        return 1 / (1 + p.rho * (1 / left - 1))

    def kdeg(c: float) -> float:
        return p.kint * (1 - p.phi * p.KF / (p.KF + p.Cb + c))

    h3 = p.share3 * inh(s.C1, p.i3) + (1 - p.share3) * inh(ccns, p.i3)
    f = s.M * inh(ccns, p.i6)
    m = p.kmat * (p.j0 + s.J * (1 + p.KJ) / (p.KJ + s.J)) * inh(s.C1, p.i1a)
    t = 1 / (1 + s.R / p.KR)
    g1 = s.Dm / (p.KD + s.Dm) * t * inh(s.C1, p.i1b)
    g2 = s.D2 / (p.KD + s.D2) * t * reach(inh(s.C1, p.i1b))
    gm = g1 + g2
    al = 2 ** (p.ndiv / 5)
    kin = p.kin0 * (1 + p.aB * f)
    sc = s.Rc / (p.KRc + s.Rc)
    expanding = s.P1 + s.P2 + s.P3 + s.P4 + s.P5
    dt = s.Ds + s.Dm + s.D2
    mac = p.wY * s.Y / (1 + s.Y) * f / (p.KF6 + f) * inh(ccns, p.i4)
    dem = p.kL * (s.M + mac) * (1 - s.L)
    z = s.Q + p.wL * s.L + p.wX * s.X
    u = (5 * (z**2 + p.gs * p.z50 * z) / (p.z50**2 + 2 * p.gs * p.z50 * z + z**2) / p.SD) ** 8
    return {
        "A": -p.kA * s.A,
        "J": -p.kJ * s.J - p.kneu * s.C1 * s.J,
        "Ds": p.kup * s.A - (m + p.ds) * s.Ds,
        "Dm": m * s.Ds - p.dm * s.Dm,
        "D2": p.kSp * dem * s.M / (p.KFs + s.M) * reach(inh(s.C1, p.i1a)) - p.dm * s.D2,
        "N1": p.muN * (p.N10 - s.N1) - p.kpr * g1 * s.N1,
        "N2": p.muN * (p.N20 - s.N2) - p.kpr * g2 * s.N2,
        "P1": al * p.kpr * (g1 * s.N1 + g2 * s.N2) - p.kp * s.P1,
        "P2": al * p.kp * s.P1 - p.kp * s.P2,
        "P3": al * (p.kp * s.P2 + p.kre * gm * s.Me) - p.kp * s.P3,
        "P4": al * p.kp * s.P3 - p.kp * s.P4,
        "P5": al * p.kp * s.P4 - p.kp * s.P5,
        "Me": p.fM * p.muE * s.Eb - p.muMe * s.Me - p.kre * gm * s.Me,
        "S1": p.kp * s.P5 - p.kl * s.S1,
        "S2": p.kl * (s.S1 - s.S2),
        "Eb": p.kl * s.S2 - (kin + p.muE) * s.Eb,
        "Ec": kin * s.Eb
        + p.rc * s.Ec * (1 - sc) / (1 + s.Ec / p.Kc)
        - p.muc * (1 + p.kapc * sc + p.kapG * s.G) * s.Ec,
        "R": p.kiT * dt / (p.KD + dt)
        + p.rR * (1 + p.e * s.C1 / (p.ec + s.C1)) * expanding / (p.KI + expanding) * s.R * (1 - s.R / p.Rmax)
        - p.muR * (s.R - p.R0),
        "Rc": p.kinR * (1 + p.aB * f) * s.R
        + p.rRc * s.Ec / (p.Kc2 + s.Ec) * s.Rc * (1 - s.Rc / p.Rcmax)
        - p.muRc * s.Rc,
        "W": p.kW * f * (1 - s.W) - p.muW * s.W,
        "M": p.eM * (p.w0 + s.W) * s.Ec / (p.KM + s.Ec) * (1 - p.sM * sc) * h3 - p.muM * s.M,
        "G": p.kG * (f / (p.KG + f) - s.G),
        "G1": p.kB * s.A * (s.P4 + s.P5) / (p.KP + s.P4 + s.P5) - p.kG1 * s.G1,
        "G2": p.kG1 * (s.G1 - s.G2),
        "B": p.kG1 * s.G2 - p.muB * s.B,
        "Y": p.pY * s.B - kdeg(p.i5 * s.C1) * s.Y,
        "Q": p.kQ * (f - s.Q),
        "L": dem - p.krem * s.L,
        "X": p.kX * s.M * (p.bare + s.L) * (1 - s.X),
        "H": p.hD * u / (1 + u),
        "C1": -kdeg(s.C1) * s.C1 - p.Qd / p.V1 * (s.C1 - s.C2),
        "C2": p.Qd / p.V2 * (s.C1 - s.C2),
    }


def test_the_second_copy_covers_every_state() -> None:
    assert set(STATE_OF.values()) | ADDED_STATES == set(State._fields)
    assert set(PARAMETER_OF.values()) <= set(Parameters._fields)


@pytest.mark.parametrize("cns_reads_plasma", [1.0, 0.0])
def test_every_rate_agrees_with_the_second_copy(random_animal: Animal, cns_reads_plasma: float) -> None:
    for seed in SEEDS:
        state, parameters = random_animal(seed)
        state = state._replace(
            adjuvant_incomplete=0.0, igg_infusion=0.0, igg_peritoneal=0.0, igg_subcutaneous=0.0, anti_igg=0.0
        )
        parameters = parameters._replace(cns_reads_plasma=cns_reads_plasma, anti_igg_clearance=0.0)
        short = SimpleNamespace(**{name: getattr(state, ours) for name, ours in STATE_OF.items()})
        numbers = SimpleNamespace(**{name: getattr(parameters, ours) for name, ours in PARAMETER_OF.items()})
        leaking = short.C1 * (numbers.k0 + numbers.kleak * short.M / (numbers.Kleak + short.M))
        expected = second_copy(short, numbers, short.C1 if cns_reads_plasma else leaking)
        found = derivative(state, parameters)
        assert {name: getattr(found, ours) for name, ours in STATE_OF.items()} == pytest.approx(
            expected, rel=1e-12, abs=0
        )
